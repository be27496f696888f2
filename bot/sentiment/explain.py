"""Which tokens pushed the score which way: leave one out, and see how far the winning label's score falls."""

from collections.abc import Sequence
from itertools import groupby

from bot.sentiment.classifier import Classifier, Row, rows_of
from bot.sentiment.text import without_surrogates
from bot.sentiment.types import Breakdown, Token, Word

EXPLAINED_TOKENS = 8_192
"""About how many tokens one explanation sends through the model. Every token of a text of up to some 80 is
left out on its own; in longer texts whole words are, and in the longest some neighbouring words together."""

LEAST_PARTS = 4
"""Into how many parts even the longest text is taken apart."""

Group = tuple[int, ...]
"""Indices of tokens that are left out together."""


def explain(classifier: Classifier, text: str) -> Breakdown:
    """Judge ``text`` and measure each token's and each word's push, in one go through the model."""
    text = without_surrogates(text)
    encoded = classifier.encode([text])
    encoding = encoded[0]
    row = rows_of(encoded)[0]
    words = [
        tuple(indices)
        for word, indices in groupby(range(len(encoding.ids)), key=lambda i: encoding.word_ids[i])
        if word is not None
    ]
    phrases, groups = _groups(words, limit=max(LEAST_PARTS, EXPLAINED_TOKENS // len(encoding.ids)))
    scores = classifier.probabilities(classifier.logits([row, *(_without(row, group) for group in groups)])).double()
    winner = int(scores[0].argmax())
    falls: dict[Group, float] = dict(zip(groups, (scores[0, winner] - scores[1:, winner]).tolist(), strict=True))
    # A token that was not left out on its own takes an equal part of what its phrase pushed.
    token_falls = {i: falls[phrase] / len(phrase) for phrase in phrases for i in phrase}
    token_falls |= {group[0]: fall for group, fall in falls.items() if len(group) == 1}

    return Breakdown(
        classifier.sentiment(scores[0].tolist(), truncated=bool(encoding.overflowing)),
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
                text=text[encoding.offsets[phrase[0]][0] : encoding.offsets[phrase[-1]][1]].strip(),
                attribution=falls[phrase],
            )
            for phrase in phrases
        ),
    )


def _groups(words: Sequence[Group], limit: int) -> tuple[list[Group], list[Group]]:
    """Return the phrases to show, and all the groups of tokens to leave out, at most about ``limit``."""
    tokens = [(i,) for word in words for i in word]
    split = [word for word in words if len(word) > 1]
    if len(tokens) + len(split) <= limit:
        return list(words), [*tokens, *split]
    size = -(-len(words) // limit)
    phrases = [sum(words[i : i + size], ()) for i in range(0, len(words), size)]
    return phrases, phrases


def _without(row: Row, group: Group) -> Row:
    """Return ``row`` without the tokens at the places in ``group``."""
    left_out = set(group)
    return {name: [v for i, v in enumerate(column) if i not in left_out] for name, column in row.items()}
