"""Measures of a model's scores."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from bot.sentiment.evaluation import accuracy, calibration_error, confusion, macro_f1, reliability

# Labels in order: NEGATIVE, NEUTRAL, POSITIVE.
SCORES = torch.tensor([[0.95, 0.05, 0.0], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.02, 0.03, 0.95], [0.6, 0.4, 0.0]])
GOLD = torch.tensor([0, 2, 1, 1, 1])


def test_worked_example() -> None:
    """Confusion matrix, accuracy and macro-F1 equal those calculated by hand."""
    assert confusion(SCORES, GOLD).tolist() == [[1, 0, 0], [1, 1, 1], [0, 0, 1]]
    assert accuracy(SCORES, GOLD) == pytest.approx(3 / 5)
    assert macro_f1(SCORES, GOLD) == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)


def test_calibration_error() -> None:
    """Two texts at 0.95, one of them wrong, are 0.45 off; a correct one at 0.7 is 0.3 off."""
    expected = (2 * 0.45 + 0.3) / 3
    assert calibration_error(SCORES[[0, 1, 3]], GOLD[[0, 1, 3]]) == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 2)), min_size=1))
def test_any_scores(rows: list[tuple[float, float, float, int]]) -> None:
    """Every text is in exactly one bin, and all measures lie between 0 and 1."""
    scores: Tensor = torch.tensor([row[:3] for row in rows]).softmax(-1)
    gold = torch.tensor([row[3] for row in rows])
    assert sum(b.count for b in reliability(scores, gold, 10)) == len(rows)
    for measure in (accuracy, macro_f1, calibration_error):
        assert 0 <= measure(scores, gold) <= 1
