"""From a name to a :class:`Classifier`: the model that comes with the bot, a folder, or Hugging Face's Hub.

Weights are read from safetensors only, code from a checkpoint is never run, and what comes from the Hub
comes from one fixed commit.
"""

import re
from collections.abc import Collection
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.packing import unpack

EMBEDDED = Path(__file__).parent / "embedded"
EMBEDDED_NAME = "embedded"
PACKED_WEIGHTS = "model.int8.safetensors"

# What transformers itself pins for pipeline("sentiment-analysis"), see PIPELINES' SUPPORTED_TASKS there.
_DISTILBERT_REVISION = "714eb0fa89d2f80546fda750413ed43d93601a13"
KNOWN_REVISIONS = {
    "distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
}

_COMMIT = re.compile(r"[0-9a-f]{40}")
_BACK = "or unset SENTIMENT_MODEL to use the model that comes with the bot"


def load(name: str | None = None, revision: str | None = None) -> Classifier:
    """Load a text-classification checkpoint.

    Args:
        name: a folder or the name of a model on the Hub; None is the model that comes with the bot.
        revision: the commit to take from the Hub; may be left out for the models in ``KNOWN_REVISIONS``.

    Raises:
        ConfigurationError: it cannot be had, or is not what the bot can use.
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if name is None:
        return _load_embedded()
    try:
        folder = Path(name).expanduser()
        is_folder, is_model = folder.is_dir(), (folder / "config.json").is_file()
    except (OSError, RuntimeError, ValueError):  # an unknown ~user, a name too long, a NUL
        is_folder, is_model = False, False
    if is_model:
        return _load(folder, name, f"the folder {folder}")
    if is_folder:
        raise ConfigurationError(f"The folder {folder} holds no model: it has no config.json. Name another, {_BACK}.")
    if not re.fullmatch(r"[\w.-]{1,96}(/[\w.-]{1,96})?", name):
        raise ConfigurationError(
            f"No model at {name[:200]}: there is no such folder. Name a folder or a model of the Hub, {_BACK}."
        )
    if revision and not _COMMIT.fullmatch(revision):
        raise ConfigurationError(
            f"SENTIMENT_MODEL_REVISION must be all 40 hexadecimal digits of a commit of {name} "
            f"(its page on Hugging Face's Hub, Files, History): a branch or a shorter form may move. Mend it, {_BACK}."
        )
    revision = revision or KNOWN_REVISIONS.get(name)
    if revision is None:
        raise ConfigurationError(
            f"No folder is called {name}, and from Hugging Face's Hub the bot takes a model at a fixed commit only: "
            f"set SENTIMENT_MODEL_REVISION to its 40 hexadecimal digits (its page, Files, History), {_BACK}."
        )
    place = f"Hugging Face's Hub at commit {revision}"
    try:
        folder = _download(name, revision)
    # The Hub's client raises its own errors, its HTTP library's and the operating system's.
    except Exception as error:
        raise _not_loaded(name, place, error) from error
    return _load(folder, f"{name}@{revision}", place)


def _load_embedded() -> Classifier:
    try:
        config = AutoConfig.from_pretrained(EMBEDDED, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(EMBEDDED, local_files_only=True)
        model = AutoModelForSequenceClassification.from_config(config)
        model.load_state_dict(unpack(load_file(EMBEDDED / PACKED_WEIGHTS)))
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ConfigurationError(
            f"The model that comes with the bot cannot be read from {EMBEDDED} ({_reason(error)}). Install it again."
        ) from error
    return Classifier(model.eval(), tokenizer, EMBEDDED_NAME)


def _download(name: str, revision: str) -> Path:
    """Return the folder of the checkpoint's files, from this machine's cache where it has them."""
    disable_progress_bars()
    files = ["*.json", "*.txt", "*.model", "*.safetensors"]
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=files, local_files_only=True))
    except LocalEntryNotFoundError:
        # Asked first because it says at once when the Hub is out of reach; the download tries for half a minute.
        HfApi().model_info(name, revision=revision)
        return Path(snapshot_download(name, revision=revision, allow_patterns=files))


def _load(folder: Path, name: str, place: str) -> Classifier:
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="float32",
            output_loading_info=True,
        )
    # transformers and its parts raise nearly every kind of error for files that are not there or broken.
    except Exception as error:
        raise _not_loaded(name, place, error) from error
    complaint = _complaint(model, tokenizer, info["missing_keys"])
    if complaint:
        raise ConfigurationError(f"The model {name} from {place} {complaint}. Choose another, {_BACK}.")
    return Classifier(model.eval(), tokenizer, name)


def _complaint(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, missing: Collection[str]) -> str | None:
    """Say why a checkpoint that could be read is of no use, if it is so."""
    if missing:
        return "has no trained text-classification head"
    if model.config.problem_type == "regression":
        return "gives a number, not labels"
    if tokenizer.pad_token is None:
        return "has no padding token, so that texts cannot be judged together"
    if not tokenizer.is_fast:
        return "has no fast tokenizer, which the breakdown needs"
    return None


def _not_loaded(name: str, place: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"The model {name} could not be loaded from {place} ({_reason(error)}). Check the name, that this machine can "
        f"reach it and that its weights are safetensors, {_BACK}."
    )


def _reason(error: Exception) -> str:
    """Return what an error says first, in one line."""
    lines = (line.strip().rstrip(".:") for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)
