"""What the core answers with. Nothing here needs torch, so everybody may import it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How one text reads.

    Attributes:
        label: the label with the highest score, one of the checkpoint's ``id2label``.
        score: the model's confidence in ``label``, 0 to 1.
        scores: every label's score; they add up to 1 unless the checkpoint gives several labels at once.
        model: which model said so.
        truncated: whether the text was longer than the model reads, and its end was left out.
    """

    label: str
    score: float
    scores: Mapping[str, float]
    model: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One token as the model got it.

    Attributes:
        text: the token as the tokenizer spells it, such as ``##face``.
        id: its number in the vocabulary.
        start: where it begins in the text, in characters.
        end: where it ends in the text; equal to ``start`` for special tokens.
        special: whether the tokenizer added it, such as ``[CLS]``.
        attribution: how much the winning label's score falls when this token is left out, -1 to 1;
            positive tokens push towards the label, special ones are never left out and have 0.
    """

    text: str
    id: int
    start: int
    end: int
    special: bool
    attribution: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text, or in a long text some neighbouring words: the tokens joined for people.

    Attributes:
        text: the word as it stands in the text.
        attribution: how much the winning label's score falls when the whole word is left out, -1 to 1.
    """

    text: str
    attribution: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A sentiment and what pushed it which way, in the order of the text."""

    sentiment: Sentiment
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
