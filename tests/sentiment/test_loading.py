"""Where a model comes from, and what is said when it cannot be had."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModel

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.models.checkpoint import as_classifier
from bot.sentiment.models.loading import load
from tests.support.hub import COMMIT, hub
from tests.support.tiny_models import tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Save a tiny DistilBERT as anybody would."""
    checkpoint = tiny("distilbert")
    checkpoint.model.save_pretrained(tmp_path / "checkpoint")
    checkpoint.tokenizer.save_pretrained(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def refusal(*name: str) -> str:
    """Try to load a model that cannot be had, and return the one line that says so."""
    with pytest.raises(ConfigurationError) as caught:
        load(*name)
    message = str(caught.value)
    assert "\n" not in message
    assert "unset SENTIMENT_MODEL" in message
    return message


LECTURE = ["I've been waiting for a HuggingFace course my whole life.", "I hate this so much!"]


def test_the_lecture_sentences(classifier: Classifier) -> None:
    """The model that comes with the bot is right about the lecture's two sentences."""
    waiting, hate = classifier.classify(LECTURE)
    assert (waiting.label, hate.label) == ("POSITIVE", "NEGATIVE")
    assert hate.score > 0.95


def test_starts_without_transformers() -> None:
    """The model that comes with the bot needs no more than torch and its tokenizer: transformers takes seconds."""
    script = "import sys, bot.cli.analyze; from bot.sentiment.models.loading import load; load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter and script
    loaded = done.stdout.split()
    assert "torch" in loaded
    assert not {"transformers", "huggingface_hub", "ray"} & set(loaded)


def test_a_folder(folder: Path) -> None:
    """A folder gives the very weights that were saved there."""
    texts = ["the build is broken", "lovely"]
    expected = as_classifier(tiny("distilbert")).classify(texts)
    for one, other in zip(load(str(folder)).classify(texts), expected, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=1e-6)


def test_a_folder_that_is_not_there() -> None:
    """A path to nowhere says that there is no such folder."""
    assert "no such folder" in refusal("./no/such/folder")


def test_an_empty_folder(tmp_path: Path) -> None:
    """A folder without a model says what is missing there."""
    assert "no config.json" in refusal(str(tmp_path))


def test_a_hub_name_needs_a_commit() -> None:
    """A name without a commit is not fetched, since a branch may change under the bot."""
    assert "SENTIMENT_MODEL_REVISION" in refusal("someone/some-model")
    assert "SENTIMENT_MODEL_REVISION" in refusal("someone/some-model", "main")
    assert "all 40 hexadecimal digits" in refusal("someone/some-model", COMMIT[:7])


def test_a_checkpoint_without_head(folder: Path) -> None:
    """A bare encoder is refused rather than given a head of random weights."""
    AutoModel.from_config(tiny("distilbert").model.config).save_pretrained(folder)
    assert "no trained text-classification head" in refusal(str(folder))


def test_a_checkpoint_that_gives_a_number(folder: Path) -> None:
    """A regression model has no labels to show."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"problem_type": "regression"}))
    assert "gives a number" in refusal(str(folder))


def test_a_checkpoint_that_cannot_pad(folder: Path) -> None:
    """A model that takes texts only one by one, as GPT-2's tokenizer has it, is refused before it fails."""
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings.pop("pad_token")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert "no padding token" in refusal(str(folder))


def test_pickles_are_not_opened(folder: Path) -> None:
    """Weights that are a pickle are refused, and nothing in it runs."""
    (folder / "model.safetensors").unlink()
    torch.save(tiny("distilbert").model.state_dict(), folder / "pytorch_model.bin")
    assert "safetensors" in refusal(str(folder))


def test_code_in_a_checkpoint_does_not_run(folder: Path) -> None:
    """A checkpoint that brings its own Python is refused, and nothing of it runs."""
    config = json.loads((folder / "config.json").read_text())
    classes = {"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"}
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": classes, "model_type": "evil"}))
    (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    refusal(str(folder))
    assert not (folder / "ran").exists()


def test_damaged_weights(folder: Path) -> None:
    """A file cut short is one line, not a traceback."""
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    refusal(str(folder))


LOADER = """
import sys
from bot.sentiment.models.loading import load
try:
    print(load(*sys.argv[1:]).name)
except Exception as error:
    print(type(error).__name__, error)
"""


def load_from_hub(endpoint: str, home: Path, *name: str) -> str:
    """Load in a process of its own, because the Hub's client reads its address once."""
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", LOADER, *name], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_from_the_hub(folder: Path, tmp_path: Path) -> None:
    """A model comes from the Hub at its commit, safetensors only; the second time it needs no network."""
    (folder / "pytorch_model.bin").write_bytes(b"never opened")
    (folder / "evil.py").write_text("never fetched")
    with hub("someone/tiny", folder) as (endpoint, downloaded):
        assert load_from_hub(endpoint, tmp_path / "home", "someone/tiny", COMMIT) == f"someone/tiny@{COMMIT}"
        assert "model.safetensors" in downloaded
        assert not {"pytorch_model.bin", "evil.py"} & set(downloaded)
        assert "ConfigurationError" in load_from_hub(endpoint, tmp_path / "home", "someone/else", COMMIT)
    assert load_from_hub(endpoint, tmp_path / "home", "someone/tiny", COMMIT) == f"someone/tiny@{COMMIT}"


def test_a_hub_out_of_reach(tmp_path: Path) -> None:
    """Without a way to the Hub one line says what was tried and what to do."""
    said = load_from_hub("http://127.0.0.1:9", tmp_path, "distilbert-base-uncased-finetuned-sst-2-english")
    assert said.startswith("ConfigurationError")
    assert "Hugging Face's Hub at commit 714eb0f" in said
    assert "\n" not in said
