"""Measures of the NEUTRAL label, beside those in ``bot.sentiment.evaluation``; ``scores`` and ``gold`` as there."""

from torch import Tensor

from training.data import LABELS

HIGH_CONFIDENCE = 0.9
NEUTRAL = LABELS.index("NEUTRAL")


def drop_neutral(scores: Tensor) -> Tensor:
    """Return ``scores`` with NEUTRAL at 0 and its probability shared by the other labels."""
    others = scores.clone()
    others[:, NEUTRAL] = 0
    return others / others.sum(-1, keepdim=True)


def overconfidence(scores: Tensor, gold: Tensor) -> float:
    """Return the share of NEUTRAL texts that get another label with a score of 0.9 or more."""
    neutral = scores[gold == NEUTRAL]
    predicted = neutral.argmax(-1)
    return ((predicted != NEUTRAL) & (neutral.max(-1).values >= HIGH_CONFIDENCE)).double().mean().item()
