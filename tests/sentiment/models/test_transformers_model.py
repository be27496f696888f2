"""Models of transformers: precisions, devices, and results that do not depend on the batch."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
import torch

from bot.errors import ConfigurationError
from bot.sentiment.models.checkpoint import as_classifier
from bot.settings import PRECISIONS
from tests.support.tiny_models import ARCHITECTURES, tiny

TEXTS = ["I love this", "not again 😡", "the build is broken " * 8, "ok"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_any_architecture(architecture: str, precision: str) -> None:
    """Every architecture works in every precision, with scores close to those in fp32."""
    checkpoint = deepcopy(tiny(architecture))
    expected = as_classifier(checkpoint).classify(TEXTS)
    prepared = as_classifier(checkpoint, precision)
    assert prepared.model.precision == precision or precision == "auto"
    for one, other in zip(prepared.classify(TEXTS), expected, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=0.1)


def test_scores_are_independent_of_the_batch() -> None:
    """A text has the same scores alone and in a batch, up to rounding."""
    classifier = as_classifier(tiny("distilbert"))
    for text, batched in zip(TEXTS, classifier.classify(TEXTS), strict=True):
        (alone,) = classifier.classify([text])
        assert batched.scores == pytest.approx(alone.scores, abs=1e-5)


def test_unknown_device() -> None:
    """A device that this machine lacks is an error of one line."""
    for device in ("toaster", "cuda:99", "meta"):
        with pytest.raises(ConfigurationError, match=f"no device {device}") as caught:
            as_classifier(tiny("bert"), "fp32", device)
        assert "\n" not in str(caught.value)


def test_unsupported_precision() -> None:
    """A model that does not compute in bf16 is an error of one line if that is asked for, and else computes in fp32."""
    checkpoint = deepcopy(tiny("bert"))

    def refuse(_module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if inputs[0].dtype == torch.bfloat16:
            raise RuntimeError("not implemented for 'BFloat16'")

    encoder: Any = checkpoint.model.base_model.encoder
    encoder.register_forward_pre_hook(refuse)
    with pytest.raises(ConfigurationError, match="does not compute in bf16 on cpu") as caught:
        as_classifier(checkpoint, "bf16")
    assert "\n" not in str(caught.value)
    assert as_classifier(checkpoint, "auto").model.precision == "fp32"


def test_threads() -> None:
    """A model for several threads computes on one core in each; otherwise the threads of torch stay as they are."""
    before = torch.get_num_threads()
    try:
        as_classifier(tiny("bert")).classify(TEXTS)
        assert torch.get_num_threads() == before
        with ThreadPoolExecutor(1) as pool:
            pool.submit(as_classifier(tiny("bert"), threads=2).classify, TEXTS).result()
            assert pool.submit(torch.get_num_threads).result() == 1
    finally:
        torch.set_num_threads(before)
