"""What the data's NEUTRAL asks for beside ``bot.sentiment.metrics``; ``scores`` and ``gold`` are as there."""

from torch import Tensor

from training.data import LABELS

SURE = 0.9
NEUTRAL = LABELS.index("NEUTRAL")


def without_neutral(scores: Tensor) -> Tensor:
    """Drop NEUTRAL and let the other labels share its probability."""
    kept = scores.clone()
    kept[:, NEUTRAL] = 0
    return kept / kept.sum(-1, keepdim=True)


def sure_of_neutral(scores: Tensor, gold: Tensor) -> float:
    """Return the share of NEUTRAL texts that are called something else with a score of 0.9 or more."""
    neutral = scores[gold == NEUTRAL]
    given = neutral.argmax(-1)
    return ((given != NEUTRAL) & (neutral.max(-1).values >= SURE)).double().mean().item()
