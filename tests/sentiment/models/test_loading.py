"""Loading a classifier by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import as_classifier
from bot.sentiment.models.loading import load
from tests.support.tiny_models import tiny


def test_without_torch() -> None:
    """Loading the embedded model imports neither torch nor transformers, which take seconds."""
    script = "import sys, bot.cli.analyze; from bot.sentiment.models.loading import load; load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter and script
    loaded = done.stdout.split()
    assert "openvino" in loaded
    assert not {"torch", "transformers", "huggingface_hub", "ray"} & set(loaded)


def test_folder(tmp_path: Path) -> None:
    """A classifier from a folder gives the scores of the model that was saved there."""
    checkpoint.save(tiny("distilbert"), tmp_path / "model")
    texts = ["the build is broken", "lovely"]
    expected = as_classifier(tiny("distilbert")).classify(texts)
    for found, other in zip(load(str(tmp_path / "model")).classify(texts), expected, strict=True):
        assert found.scores == pytest.approx(other.scores, abs=1e-6)
