"""Leave-one-out attribution: how far the winning label's score drops when a token or word is removed."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from bot.sentiment.classifier import Classifier, ModelWork, Row
from bot.sentiment.text import without_surrogates
from bot.sentiment.types import Breakdown, Token, Word

FIRST_PASS_TOKENS = 8_192
"""Approximate number of tokens computed in the first pass. Up to about 80 tokens, every token of a text is removed on
its own; in longer texts neighbouring words are removed together, as phrases."""

SECOND_PASS_TOKENS = 8_192
"""Approximate number of tokens computed in the second pass, which splits the strongest phrases."""

MIN_PARTS = 4
"""Into how many parts even the longest text is split."""

Group = tuple[int, ...]
"""Indices of tokens that are removed together."""


def explain(classifier: Classifier, text: str) -> Breakdown:
    """Classify ``text`` and attribute the result to its tokens and words."""
    return classifier.complete(explain_work(classifier, text))


def explain_work(classifier: Classifier, text: str) -> ModelWork[Breakdown]:
    """Classify ``text`` and attribute the result to its tokens and words."""
    text = without_surrogates(text)
    (encoding,) = classifier.encode([text])
    row = classifier.row(encoding)
    words = [
        tuple(indices)
        for word, indices in groupby(range(len(encoding.ids)), key=lambda i: encoding.word_ids[i])
        if word is not None
    ]
    phrases, groups = _first_pass(words, limit=max(MIN_PARTS, FIRST_PASS_TOKENS // len(encoding.ids)))
    whole, *parts = yield [row, *(_remove(row, group) for group in groups)]
    winner = max(range(len(whole)), key=whole.__getitem__)
    drops = {group: whole[winner] - part[winner] for group, part in zip(groups, parts, strict=True)}

    splits = _split_strongest(phrases, drops, words, limit=SECOND_PASS_TOKENS // len(encoding.ids))
    if splits:
        groups = [group for split in splits.values() for group in split]
        parts = yield [_remove(row, group) for group in groups]
        drops |= {group: whole[winner] - part[winner] for group, part in zip(groups, parts, strict=True)}
    word_groups = [group for phrase in phrases for group in splits.get(phrase, [phrase])]

    # A token that was not removed on its own gets an equal share of the drop of its word or phrase.
    token_drops = {i: drops[group] / len(group) for group in word_groups for i in group}
    token_drops |= {group[0]: drop for group, drop in drops.items() if len(group) == 1}

    return Breakdown(
        classifier.sentiment(whole, truncated=bool(encoding.overflowing)),
        tuple(
            Token(
                text=encoding.tokens[i],
                id=encoding.ids[i],
                start=encoding.offsets[i][0],
                end=encoding.offsets[i][1],
                special=bool(encoding.special_tokens_mask[i]),
                attribution=token_drops.get(i, 0.0),
            )
            for i in range(len(encoding.ids))
        ),
        tuple(
            Word(
                text=text[encoding.offsets[group[0]][0] : encoding.offsets[group[-1]][1]].strip(),
                attribution=drops[group],
            )
            for group in word_groups
        ),
    )


def _first_pass(words: Sequence[Group], limit: int) -> tuple[list[Group], list[Group]]:
    """Return the phrases to show and all groups of tokens to remove, about ``limit`` at most."""
    tokens = [(i,) for word in words for i in word]
    subword_words = [word for word in words if len(word) > 1]
    if len(tokens) + len(subword_words) <= limit:
        return list(words), [*tokens, *subword_words]
    phrases = _join(words, limit)
    return phrases, phrases


def _join(words: Sequence[Group], limit: int) -> list[Group]:
    """Join neighbouring words into at most ``limit`` phrases of equal length."""
    size = -(-len(words) // limit)
    return [sum(words[i : i + size], ()) for i in range(0, len(words), size)]


def _split_strongest(
    phrases: Sequence[Group], drops: Mapping[Group, float], words: Sequence[Group], limit: int
) -> dict[Group, list[Group]]:
    """Split the strongest phrases into words, or into shorter phrases, ``limit`` in all; return the parts by phrase."""
    splits: dict[Group, list[Group]] = {}
    for phrase in sorted(phrases, key=lambda phrase: -abs(drops[phrase])):
        own_words = [word for word in words if phrase[0] <= word[0] <= phrase[-1]]
        if (limit < len(own_words) and splits) or limit < MIN_PARTS:
            break
        if len(own_words) > 1:
            splits[phrase] = _join(own_words, limit)
            limit -= len(splits[phrase])
    return splits


def _remove(row: Row, group: Group) -> Row:
    """Return ``row`` without the tokens of ``group``."""
    removed = set(group)
    return {name: [value for i, value in enumerate(column) if i not in removed] for name, column in row.items()}
