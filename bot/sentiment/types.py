"""Results of the classifier. This module does not need torch, so it is cheap to import."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The sentiment of one text.

    Attributes:
        label: the label with the highest score, one of the checkpoint's ``id2label``.
        score: the model's confidence in ``label``, 0 to 1.
        scores: the score of every label; they add up to 1 unless the checkpoint is multi-label.
        model: the name of the model.
        truncated: whether the text was longer than the model's maximum, so that its end was ignored.
    """

    label: str
    score: float
    scores: Mapping[str, float]
    model: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the model's input.

    Attributes:
        text: the token in the tokenizer's spelling, such as ``##face``.
        id: its index in the vocabulary.
        start: its start offset in the text, in characters.
        end: its end offset; equal to ``start`` for special tokens.
        special: whether the tokenizer added it, such as ``[CLS]``.
        attribution: how far the winning label's score drops when this token is removed, -1 to 1. Positive means that
            the token supports the label. Special tokens are never removed and have 0.
    """

    text: str
    id: int
    start: int
    end: int
    special: bool
    attribution: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text, or in a long text a phrase: what people are shown instead of tokens.

    Attributes:
        text: the word as written in the text.
        attribution: how far the winning label's score drops when the whole word is removed, -1 to 1.
    """

    text: str
    attribution: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A sentiment with the attribution of every token and word, in the order of the text."""

    sentiment: Sentiment
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
