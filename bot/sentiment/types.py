"""Results of the classifier. This module does not need torch, so it is cheap to import."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The sentiment of one text.

    ``label`` has the highest of ``scores``, which is ``score``. Scores are 0 to 1 and add up to 1 unless the checkpoint
    is multi-label. If ``truncated``, the text was longer than the model's maximum and its end was ignored.
    """

    label: str
    score: float
    scores: Mapping[str, float]
    model: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the model's input, in the tokenizer's spelling, with its index in the vocabulary.

    The spelling is, for example, ``##face`` if the token continues a word, or ``▁course`` if it begins one. ``start``
    and ``end`` are offsets in the text, in characters. ``special`` tokens, such as ``[CLS]`` or ``<s>``, were added by
    the tokenizer; their offsets are equal and their attribution is 0. Other tokens have equal shares of the attribution
    of their word.
    """

    text: str
    id: int
    start: int
    end: int
    special: bool
    attribution: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written in the text, or a phrase: what people are shown instead of tokens.

    ``start`` and ``end`` are offsets in the text, in characters. The attribution is how far the word raises the
    log-odds of the winning label, on average over the sets of other words that it may be added to (its Shapley value):
    positive if it supports the label.
    """

    text: str
    start: int
    end: int
    attribution: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A text and its sentiment, with the attribution of every token and word, in the order of the text."""

    text: str
    sentiment: Sentiment
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
