"""Precisions: the scores stay close to fp32, and independent of the batch."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier, Model
from bot.sentiment.models.checkpoint import as_classifier
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare
from bot.settings import PRECISIONS
from tests.support.tiny_models import ARCHITECTURES, tiny

TEXTS = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:", "the build is broken " * 80, "ok"]


@pytest.mark.parametrize(("precision", "tolerance"), [("fp32", 1e-3), ("bf16", 0.02), ("int8", 1e-3)])
def test_scores_are_independent_of_the_batch(classifier: Classifier, precision: str, tolerance: float) -> None:
    """A text has the same scores alone and in a batch, up to rounding, and the same label as in fp32."""
    prepared = load()
    prepare(prepared, precision)
    batched = prepared.classify(TEXTS)
    single = [sentiment for text in TEXTS for sentiment in prepared.classify([text])]
    for full, one, other in zip(classifier.classify(TEXTS), batched, single, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=tolerance)
        assert one.label == full.label


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_any_architecture(architecture: str, precision: str) -> None:
    """Every architecture works in every precision, with scores close to those in fp32."""
    prepared = as_classifier(deepcopy(tiny(architecture)))
    expected = prepared.classify(["the build is broken again", "good"])
    speed = prepare(prepared, precision)
    assert speed.precision == precision or precision == "auto"
    tolerance = 0.3 if speed.precision == "int8" else 0.1  # random weights are harder to round than trained ones
    for one, other in zip(prepared.classify(["the build is broken again", "good"]), expected, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=tolerance)


def test_auto() -> None:
    """Auto chooses fp32 or bf16, not int8, which changes too many labels."""
    assert prepare(load(), "auto").precision in ("fp32", "bf16")


def test_unknown_device() -> None:
    """A device that this machine lacks is an error of one line."""
    for device in ("toaster", "cuda:99", "meta"):
        with pytest.raises(ConfigurationError, match=f"no device {device}") as caught:
            prepare(load(), "fp32", device)
        assert "\n" not in str(caught.value)


def test_unsupported_model(classifier: Classifier) -> None:
    """A model whose layers cannot be replaced is an error of one line."""

    class UnsupportedModel(Model):
        """Accesses the weight of its layer, as some architectures do."""

        def __init__(self) -> None:
            super().__init__({}, ["input_ids"])
            self.layer = nn.Linear(2, 2)

        def hidden_layers(self) -> nn.Module:
            return self

        def forward(self, _: object) -> object:
            return self.layer.weight

    unsupported = Classifier(UnsupportedModel(), classifier.tokenizer, "unsupported")
    with pytest.raises(ConfigurationError, match="does not compute in int8") as caught:
        prepare(unsupported, "int8")
    assert "\n" not in str(caught.value)


def test_number_of_threads() -> None:
    """Measuring the speed does not change the number of torch's threads."""
    before = torch.get_num_threads()
    prepare(load(), "fp32")
    assert torch.get_num_threads() == before
