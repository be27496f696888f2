"""Measures of the NEUTRAL label."""

import pytest
import torch

from training.neutral import drop_neutral, overconfidence


def test_drop_neutral() -> None:
    """The other two labels share the probability of NEUTRAL and keep their order."""
    scores = torch.tensor([[0.1, 0.2, 0.7], [0.3, 0.4, 0.3]])
    assert drop_neutral(scores).tolist() == [pytest.approx([1 / 8, 0, 7 / 8]), [0.5, 0, 0.5]]


def test_overconfidence() -> None:
    """Of three NEUTRAL texts, one gets another label with a score of 0.9 or more."""
    scores = torch.tensor([[0.95, 0.05, 0.0], [0.3, 0.4, 0.3], [0.02, 0.03, 0.95], [0.6, 0.4, 0.0]])
    assert overconfidence(scores, torch.tensor([0, 1, 1, 1])) == pytest.approx(1 / 3)
