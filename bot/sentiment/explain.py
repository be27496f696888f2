"""Which tokens pushed the score which way: leave one out, and see how far the winning label's score falls."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.sentiment.classifier import Classifier, ModelWork
from bot.sentiment.model import Row
from bot.sentiment.text import without_surrogates
from bot.sentiment.types import Breakdown, Token, Word

FIRST_TOKENS = 8_192
"""About how many tokens go through the model at first. Every token of a text of up to some 80 is left out on its
own; in longer texts some neighbouring words are left out together."""

SECOND_TOKENS = 8_192
"""About how many tokens may go through the model once more, to take the strongest of those phrases apart."""

LEAST_PARTS = 4
"""Into how many parts even the longest text is taken apart."""

Group = tuple[int, ...]
"""Indices of tokens that are left out together."""


def explain(classifier: Classifier, text: str) -> Breakdown:
    """Judge ``text`` and measure each token's and each word's push, here and now."""
    return classifier.complete(explain_work(classifier, text))


def explain_work(classifier: Classifier, text: str) -> ModelWork[Breakdown]:
    """Judge ``text`` and measure each token's and each word's push."""
    text = without_surrogates(text)
    (encoding,) = classifier.encode([text])
    row = classifier.row(encoding)
    words = [
        tuple(indices)
        for word, indices in groupby(range(len(encoding.ids)), key=lambda i: encoding.word_ids[i])
        if word is not None
    ]
    phrases, groups = _groups(words, limit=max(LEAST_PARTS, FIRST_TOKENS // len(encoding.ids)))
    whole, *parts = yield [row, *(_without(row, group) for group in groups)]
    winner = max(range(len(whole)), key=whole.__getitem__)
    falls = {group: whole[winner] - part[winner] for group, part in zip(groups, parts, strict=True)}

    apart = _strongest(phrases, falls, words, limit=SECOND_TOKENS // len(encoding.ids))
    if apart:
        groups = [word for own in apart.values() for word in own]
        parts = yield [_without(row, group) for group in groups]
        falls |= {group: whole[winner] - part[winner] for group, part in zip(groups, parts, strict=True)}
    shown = [group for phrase in phrases for group in apart.get(phrase, [phrase])]

    # A token that was not left out on its own takes an equal part of what its word or phrase pushed.
    token_falls = {i: falls[group] / len(group) for group in shown for i in group}
    token_falls |= {group[0]: fall for group, fall in falls.items() if len(group) == 1}

    return Breakdown(
        classifier.sentiment(whole, truncated=bool(encoding.overflowing)),
        tuple(
            Token(
                text=encoding.tokens[i],
                id=encoding.ids[i],
                start=encoding.offsets[i][0],
                end=encoding.offsets[i][1],
                special=bool(encoding.special_tokens_mask[i]),
                attribution=token_falls.get(i, 0.0),
            )
            for i in range(len(encoding.ids))
        ),
        tuple(
            Word(
                text=text[encoding.offsets[group[0]][0] : encoding.offsets[group[-1]][1]].strip(),
                attribution=falls[group],
            )
            for group in shown
        ),
    )


def _groups(words: Sequence[Group], limit: int) -> tuple[list[Group], list[Group]]:
    """Return the phrases to show, and all the groups of tokens to leave out, at most about ``limit``."""
    tokens = [(i,) for word in words for i in word]
    split = [word for word in words if len(word) > 1]
    if len(tokens) + len(split) <= limit:
        return list(words), [*tokens, *split]
    phrases = _parts(words, limit)
    return phrases, phrases


def _parts(words: Sequence[Group], limit: int) -> list[Group]:
    """Join neighbouring words, as few as make at most ``limit`` parts."""
    size = -(-len(words) // limit)
    return [sum(words[i : i + size], ()) for i in range(0, len(words), size)]


def _strongest(
    phrases: Sequence[Group], falls: Mapping[Group, float], words: Sequence[Group], limit: int
) -> dict[Group, list[Group]]:
    """Return the parts of the phrases that push most, ``limit`` parts in all; words where there are few enough."""
    chosen: dict[Group, list[Group]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -abs(falls[phrase])):
        own = [word for word in words if phrase[0] <= word[0] <= phrase[-1]]
        if (limit < len(own) and chosen) or limit < LEAST_PARTS:
            break
        if len(own) > 1:
            chosen[phrase] = _parts(own, limit)
            limit -= len(chosen[phrase])
    return chosen


def _without(row: Row, group: Group) -> Row:
    """Return ``row`` without the tokens at the places in ``group``."""
    left_out = set(group)
    return {name: [v for i, v in enumerate(column) if i not in left_out] for name, column in row.items()}
