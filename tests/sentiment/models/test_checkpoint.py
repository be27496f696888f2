"""Checkpoints from folders and the Hub, and the errors for those that cannot be loaded."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModel

from bot.errors import ConfigurationError
from bot.sentiment.models.loading import load
from tests.support.hub import COMMIT, hub
from tests.support.tiny_models import tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save a tiny DistilBERT with ``save_pretrained``."""
    checkpoint = tiny("distilbert")
    checkpoint.model.save_pretrained(tmp_path / "checkpoint")
    checkpoint.tokenizer.save_pretrained(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def load_error(*name: str) -> str:
    """Load a model that cannot be loaded, and return the error's message, which has one line."""
    with pytest.raises(ConfigurationError) as caught:
        load(*name)
    message = str(caught.value)
    assert "\n" not in message
    assert "unset SENTIMENT_MODEL" in message
    return message


def test_missing_folder() -> None:
    """A path that does not exist is reported."""
    assert "no such folder" in load_error("./no/such/folder")


def test_empty_folder(tmp_path: Path) -> None:
    """A folder without a model is reported with the missing file."""
    assert "no config.json" in load_error(str(tmp_path))


def test_a_hub_name_needs_a_commit() -> None:
    """A model from the Hub is refused without a full commit, since a branch may change."""
    assert "SENTIMENT_MODEL_REVISION" in load_error("someone/some-model")
    assert "SENTIMENT_MODEL_REVISION" in load_error("someone/some-model", "main")
    assert "all 40 hexadecimal digits" in load_error("someone/some-model", COMMIT[:7])


def test_no_head(folder: Path) -> None:
    """An encoder without a head is refused rather than given a random one."""
    AutoModel.from_config(tiny("distilbert").model.config).save_pretrained(folder)
    assert "no trained text-classification head" in load_error(str(folder))


def test_regression(folder: Path) -> None:
    """A regression model is refused, since it has no labels."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"problem_type": "regression"}))
    assert "regression model" in load_error(str(folder))


def test_no_padding_token(folder: Path) -> None:
    """A model without a padding token, such as GPT-2, is refused, since texts cannot be batched."""
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings.pop("pad_token")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert "no padding token" in load_error(str(folder))


def test_pickled_weights(folder: Path) -> None:
    """Pickled weights are refused and not opened."""
    (folder / "model.safetensors").unlink()
    torch.save(tiny("distilbert").model.state_dict(), folder / "pytorch_model.bin")
    assert "safetensors" in load_error(str(folder))


def test_remote_code(folder: Path) -> None:
    """A checkpoint with its own Python code is refused, and the code is not run."""
    config = json.loads((folder / "config.json").read_text())
    classes = {"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": classes, "model_type": "evil"}))
    (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    load_error(str(folder))
    assert not (folder / "ran").exists()


def test_damaged_weights(folder: Path) -> None:
    """A truncated file of weights is an error of one line."""
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    load_error(str(folder))


LOADER = """
import sys
from bot.sentiment.models.loading import load
try:
    print(load(*sys.argv[1:]).name)
except Exception as error:
    print(type(error).__name__, error)
"""


def load_from_hub(endpoint: str, home: Path, *name: str) -> str:
    """Load in a new process, because the Hub's client reads its address only once."""
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", LOADER, *name], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.slow
def test_from_the_hub(folder: Path, tmp_path: Path) -> None:
    """A model is downloaded from the Hub at its commit, safetensors only; later it is loaded from the cache."""
    (folder / "pytorch_model.bin").write_bytes(b"never opened")
    (folder / "evil.py").write_text("never fetched")
    with hub("someone/tiny", folder) as (endpoint, downloaded):
        assert load_from_hub(endpoint, tmp_path / "home", "someone/tiny", COMMIT) == f"someone/tiny@{COMMIT}"
        assert "model.safetensors" in downloaded
        assert not {"pytorch_model.bin", "evil.py"} & set(downloaded)
        assert "ConfigurationError" in load_from_hub(endpoint, tmp_path / "home", "someone/else", COMMIT)
    assert load_from_hub(endpoint, tmp_path / "home", "someone/tiny", COMMIT) == f"someone/tiny@{COMMIT}"


@pytest.mark.slow
def test_unreachable_hub(tmp_path: Path) -> None:
    """Without a connection to the Hub, the error has one line and names the commit."""
    output = load_from_hub("http://127.0.0.1:9", tmp_path, "distilbert-base-uncased-finetuned-sst-2-english")
    assert output.startswith("ConfigurationError")
    assert "the Hugging Face Hub at commit 714eb0f" in output
    assert "\n" not in output
