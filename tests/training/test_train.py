"""How the embedded model learns, on tiny models."""

import random
from copy import deepcopy
from itertools import islice
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from tests.support.tiny_models import tiny
from training import train
from training.data import LABELS, Example, read_tsv


def fresh() -> PreTrainedModel:
    """Return a tiny BERT of the test's own, always with the same weights."""
    return deepcopy(tiny("bert").model)


def some_examples(count: int, *, two_class: bool = False) -> list[Example]:
    """Make texts of different lengths whose label is that of their first token."""
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


def test_an_interrupted_training_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between two looks and started again, training ends with the weights of one that was never stopped."""
    examples, dev = some_examples(300), {"sst2": some_examples(60)}
    monkeypatch.setattr(train, "EPOCHS", 2)
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = train.fit(fresh(), examples, dev, tmp_path / "whole")

    with monkeypatch.context() as patch:
        steps = train.steps_of
        patch.setattr(train, "steps_of", lambda *given: islice(steps(*given), 9))  # of 10, two behind the third look
        train.fit(fresh(), examples, dev, tmp_path / "parts")
    parts = train.fit(fresh(), examples, dev, tmp_path / "parts")
    for name, weight in whole.items():
        assert torch.allclose(weight, parts[name], atol=1e-6), name


def test_two_class_rows_leave_neutral_alone() -> None:
    """A row that knows nothing of NEUTRAL moves neither its weights nor its bias."""
    model = fresh()
    train.loss_of(model, some_examples(8, two_class=True)).backward()
    for parameter in model.get_submodule("classifier").parameters():
        assert parameter.grad is not None
        assert parameter.grad[LABELS.index("NEUTRAL")].abs().max() == 0
        assert parameter.grad[LABELS.index("POSITIVE")].abs().max() > 0


@pytest.mark.parametrize(
    "rows", ["", "text\tlabel\ngood\n", "text\tlabel\ngood\tgreat\n", "text\tlabel\na\tb\tPOSITIVE\n"]
)
def test_a_broken_data_file_is_named(tmp_path: Path, rows: str) -> None:
    """An empty file, a row without label, with a strange one or with a tab too many ends with one line about it."""
    path = tmp_path / "train.tsv"
    path.write_text(rows)
    with pytest.raises(SystemExit) as caught:
        read_tsv(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
