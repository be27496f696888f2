"""Measures of a model's scores. All take ``scores`` of shape (texts, labels) and ``gold`` labels of shape (texts,)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


def accuracy(scores: Tensor, gold: Tensor) -> float:
    """Return the share of texts whose highest-scoring label is correct."""
    return (scores.argmax(-1) == gold).double().mean().item()


def macro_f1(scores: Tensor, gold: Tensor) -> float:
    """Return the mean over the labels that occur of F1, the harmonic mean of precision and recall."""
    table = confusion(scores, gold).double()
    occurs = table.sum(1) > 0  # a label without texts would have an F1 of 0
    return (2 * table.diagonal() / (table.sum(0) + table.sum(1)).clamp(min=1))[occurs].mean().item()


def confusion(scores: Tensor, gold: Tensor) -> Tensor:
    """Return the confusion matrix: number of texts by correct label (rows) and predicted label (columns)."""
    size = scores.shape[-1]
    return torch.bincount(gold * size + scores.argmax(-1), minlength=size * size).reshape(size, size)


@dataclass(frozen=True)
class Bin:
    """The texts whose confidence lies in one interval: mean confidence, accuracy and number."""

    confidence: float
    accuracy: float
    count: int


def reliability(scores: Tensor, gold: Tensor, bins: int) -> Iterator[Bin]:
    """Yield the non-empty bins of a reliability diagram with ``bins`` equal intervals from 0 to 1, lowest first."""
    confidence = scores.amax(-1)
    bin_numbers = (confidence * bins).ceil().long().clamp(1, bins)
    for i in range(1, bins + 1):
        inside = bin_numbers == i
        if count := int(inside.sum()):
            yield Bin(confidence[inside].double().mean().item(), accuracy(scores[inside], gold[inside]), count)


def calibration_error(scores: Tensor, gold: Tensor) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy over 15 bins."""
    bins = reliability(scores, gold, 15)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in bins) / len(gold)
