"""What the engine computes in: each precision says the same, and no text depends on its neighbours."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.model import Model
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import Transformer, as_classifier
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare
from bot.settings import PRECISIONS
from tests.support.tiny_models import ARCHITECTURES, tiny
from training.model import compute_in_int8

TEXTS = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:", "the build is broken " * 80, "ok"]


@pytest.mark.parametrize(("precision", "rounding"), [("fp32", 1e-3), ("bf16", 0.02), ("int8", 1e-3)])
def test_texts_do_not_mix(classifier: Classifier, precision: str, rounding: float) -> None:
    """In each precision a text scores the same alone and among others, up to rounding, and keeps fp32's label."""
    prepared = load()
    prepare(prepared, precision)
    together = prepared.classify(TEXTS)
    alone = [sentiment for text in TEXTS for sentiment in prepared.classify([text])]
    for full, one, other in zip(classifier.classify(TEXTS), together, alone, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=rounding)
        assert one.label == full.label


def test_less_work_changes_nothing(classifier: Classifier) -> None:
    """Doing only the work that the label needs changes no score."""
    slow = checkpoint.load()
    whole = Classifier(Transformer(slow.model, slow.tokenizer), classifier.tokenizer, "whole")
    for full, one in zip(whole.classify(TEXTS), classifier.classify(TEXTS), strict=True):
        assert one.scores == pytest.approx(full.scores, abs=1e-5)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_any_architecture(architecture: str, precision: str) -> None:
    """Every architecture computes in every precision, near to what it says in fp32."""
    prepared = as_classifier(deepcopy(tiny(architecture)))
    expected = prepared.classify(["the build is broken again", "good"])
    speed = prepare(prepared, precision)
    assert speed.precision == precision or precision == "auto"
    for one, other in zip(prepared.classify(["the build is broken again", "good"]), expected, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=0.1)


def test_auto_never_takes_int8() -> None:
    """What auto chooses is fp32 or bf16: int8 changes too many labels."""
    assert prepare(load(), "auto").precision in ("fp32", "bf16")


def test_an_unknown_device_is_named() -> None:
    """A device that this machine lacks is a mistake in one line."""
    for device in ("toaster", "cuda:99", "meta"):
        with pytest.raises(ConfigurationError, match=f"no device {device}") as caught:
            prepare(load(), "fp32", device)
        assert "\n" not in str(caught.value)


def test_training_rounds_as_the_engine_does(classifier: Classifier) -> None:
    """The model was trained to bear what int8 arithmetic does: the scores agree, but for the head's rounding."""
    rows = [classifier.row(encoding) for encoding in classifier.encode(TEXTS)]
    trained, prepared = checkpoint.load(), load()
    compute_in_int8(trained.model, on=True)
    as_trained = Classifier(Transformer(trained.model, trained.tokenizer), classifier.tokenizer, "as trained")
    prepare(prepared, "int8")
    for one, other in zip(as_trained.scores(rows), prepared.scores(rows), strict=True):
        assert one == pytest.approx(other, abs=0.01)


def test_a_model_that_cannot(classifier: Classifier) -> None:
    """A model whose layers cannot be exchanged is told in one line, at once."""

    class Reading(Model):
        """Looks at its layer's weight, as some architectures do."""

        def __init__(self) -> None:
            super().__init__({}, ["input_ids"])
            self.layer = nn.Linear(2, 2)

        def hidden_layers(self) -> nn.Module:
            return self

        def forward(self, _: object) -> object:
            return self.layer.weight

    stubborn = Classifier(Reading(), classifier.tokenizer, "stubborn")
    with pytest.raises(ConfigurationError, match="does not compute in int8") as caught:
        prepare(stubborn, "int8")
    assert "\n" not in str(caught.value)


def test_threads_are_as_before() -> None:
    """Measuring leaves the number of threads that others compute with."""
    before = torch.get_num_threads()
    prepare(load(), "fp32")
    assert torch.get_num_threads() == before
