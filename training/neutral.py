"""Measures that depend on NEUTRAL, beside those in ``bot.sentiment.evaluation``; ``scores`` and ``gold`` as there."""

from torch import Tensor

from bot.sentiment.evaluation import accuracy, macro_f1
from training.data import LABELS, TWO_CLASS

HIGH_CONFIDENCE = 0.9
NEUTRAL = LABELS.index("NEUTRAL")


def drop_neutral(scores: Tensor) -> Tensor:
    """Return ``scores`` with NEUTRAL at 0 and its probability shared by the other labels."""
    others = scores.clone()
    others[:, NEUTRAL] = 0
    return others / others.sum(-1, keepdim=True)


def figure(source: str, scores: Tensor, gold: Tensor) -> float:
    """Return the main result on a source: accuracy if it has two labels, else macro-F1."""
    return (accuracy if source in TWO_CLASS else macro_f1)(scores, gold)


def overconfidence(scores: Tensor, gold: Tensor) -> float:
    """Return the share of NEUTRAL texts that get another label with a score of 0.9 or more."""
    neutral = scores[gold == NEUTRAL]
    predicted = neutral.argmax(-1)
    return ((predicted != NEUTRAL) & (neutral.max(-1).values >= HIGH_CONFIDENCE)).double().mean().item()
