"""How good a model's probabilities are. Everything here takes ``scores`` (texts, labels) and ``gold`` (texts,)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


def accuracy(scores: Tensor, gold: Tensor) -> float:
    """Return the share of texts whose likeliest label is the right one."""
    return (scores.argmax(-1) == gold).double().mean().item()


def macro_f1(scores: Tensor, gold: Tensor) -> float:
    """Return the mean of F1, the harmonic mean of precision and recall, over the labels that occur."""
    table = confusion(scores, gold).double()
    known = table.sum(1) > 0  # a label that no text has would count as never found
    return (2 * table.diagonal() / (table.sum(0) + table.sum(1)).clamp(min=1))[known].mean().item()


def confusion(scores: Tensor, gold: Tensor) -> Tensor:
    """Count texts by right label (rows) and given label (columns)."""
    size = scores.shape[-1]
    return torch.bincount(gold * size + scores.argmax(-1), minlength=size * size).reshape(size, size)


@dataclass(frozen=True)
class Bin:
    """The texts whose confidence lies in one stretch: their mean confidence, the share right and their number."""

    confidence: float
    accuracy: float
    count: int


def reliability(scores: Tensor, gold: Tensor, bins: int) -> Iterator[Bin]:
    """Yield the bins, lowest confidence first, that hold any text; they split 0 to 1 into ``bins`` equal parts."""
    confidence, given = scores.max(-1)
    place = (confidence * bins).ceil().long().clamp(1, bins)
    for i in range(1, bins + 1):
        inside = place == i
        if count := int(inside.sum()):
            right = (given[inside] == gold[inside]).double().mean().item()
            yield Bin(confidence[inside].double().mean().item(), right, count)


def calibration_error(scores: Tensor, gold: Tensor) -> float:
    """Return the expected calibration error: over 15 bins, how far confidence and accuracy lie apart on average."""
    bins = reliability(scores, gold, 15)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in bins) / len(gold)
