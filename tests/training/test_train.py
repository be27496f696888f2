"""Training, on tiny models."""

import random
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from tests.support.tiny_models import tiny
from training.data import LABELS, Example
from training.train import compute_loss, fit


def tiny_bert() -> PreTrainedModel:
    """Return a new tiny BERT, always with the same weights."""
    return deepcopy(tiny("bert").model)


def make_examples(count: int, *, two_class: bool = False) -> list[Example]:
    """Return texts of different lengths whose label follows from their first token."""
    rng = random.Random(count)
    labels = [rng.choice((0, 2) if two_class else (0, 1, 2)) for _ in range(count)]
    return [
        Example(
            [2, 10 + label, *(rng.randrange(20, 90) for _ in range(rng.randrange(9))), 3],
            label,
            two_class,
        )
        for label in labels
    ]


def interrupt(model: PreTrainedModel, after: int) -> None:
    """Make ``model`` raise KeyboardInterrupt in training after so many steps."""
    steps = 0

    def count(module: torch.nn.Module, _: object) -> None:
        nonlocal steps
        steps += module.training
        if steps > after:
            raise KeyboardInterrupt

    model.register_forward_pre_hook(count)


def test_resume(tmp_path: Path) -> None:
    """Training that was interrupted between two evaluations and resumed ends with the same weights."""
    examples, dev = make_examples(300), {"sst2": make_examples(60)}
    (tmp_path / "whole").mkdir()
    (tmp_path / "resumed").mkdir()
    whole = fit(tiny_bert(), examples, dev, tmp_path / "whole", epochs=2)

    model = tiny_bert()
    interrupt(model, after=9)  # of 10 steps, two after the third evaluation
    with pytest.raises(KeyboardInterrupt):
        fit(model, examples, dev, tmp_path / "resumed", epochs=2)
    resumed = fit(tiny_bert(), examples, dev, tmp_path / "resumed", epochs=2)
    for name, weight in whole.items():
        assert torch.allclose(weight, resumed[name], atol=1e-6), name


def test_two_class_examples() -> None:
    """Examples of a source without NEUTRAL do not change the weights of that label."""
    model = tiny_bert()
    compute_loss(model, make_examples(8, two_class=True)).backward()
    for parameter in model.get_submodule("classifier").parameters():
        assert parameter.grad is not None
        assert parameter.grad[LABELS.index("NEUTRAL")].abs().max() == 0
        assert parameter.grad[LABELS.index("POSITIVE")].abs().max() > 0
