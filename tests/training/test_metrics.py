"""The figures that models are compared by."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from bot.sentiment import evaluation
from training.metrics import sure_of_neutral, without_neutral

# Labels in order: NEGATIVE, NEUTRAL, POSITIVE.
SCORES = torch.tensor([[0.95, 0.05, 0.0], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.02, 0.03, 0.95], [0.6, 0.4, 0.0]])
GOLD = torch.tensor([0, 2, 1, 1, 1])


def test_a_worked_example() -> None:
    """Accuracy, macro-F1 and the share of sure mistakes about NEUTRAL are what one finds on paper."""
    assert evaluation.confusion(SCORES, GOLD).tolist() == [[1, 0, 0], [1, 1, 1], [0, 0, 1]]
    assert evaluation.accuracy(SCORES, GOLD) == pytest.approx(3 / 5)
    assert evaluation.macro_f1(SCORES, GOLD) == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    assert sure_of_neutral(SCORES, GOLD) == pytest.approx(1 / 3)


def test_calibration_error_on_paper() -> None:
    """Two texts at 0.95, one of them wrong, are 0.45 off; one right at 0.7 is 0.3 off."""
    assert evaluation.calibration_error(SCORES[[0, 1, 3]], GOLD[[0, 1, 3]]) == pytest.approx(
        (2 * 0.45 + 0.3) / 3, abs=1e-6
    )


def test_without_neutral() -> None:
    """The other two labels share what NEUTRAL had, and keep their order."""
    assert without_neutral(SCORES[[1, 2]]).tolist() == [pytest.approx([1 / 8, 0, 7 / 8]), [0.5, 0, 0.5]]


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 2)), min_size=1))
def test_every_text_is_in_one_bin(rows: list[tuple[float, float, float, int]]) -> None:
    """However sure the model is, each text counts once, and no figure leaves 0 to 1."""
    scores: Tensor = torch.tensor([row[:3] for row in rows]).softmax(-1)
    gold = torch.tensor([row[3] for row in rows])
    assert sum(b.count for b in evaluation.reliability(scores, gold, 10)) == len(rows)
    for figure in (evaluation.accuracy, evaluation.macro_f1, evaluation.calibration_error):
        assert 0 <= figure(scores, gold) <= 1
