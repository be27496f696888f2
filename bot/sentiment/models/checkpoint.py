"""Checkpoints loaded with transformers: from a folder, from the Hugging Face Hub, or the embedded model.

Weights are read from safetensors only, code from a checkpoint is never run, and a model from the Hub is always taken at
a fixed commit.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.models.auto import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from bot.errors import BotError, ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.models.embedded import EMBEDDED_FOLDER, EMBEDDED_NAME, damaged_model_error, load_embedded_weights
from bot.sentiment.models.transformers_model import TransformersModel
from bot.sentiment.text import first_line

# The revision that transformers pins for pipeline("sentiment-analysis"), see SUPPORTED_TASKS in its pipelines.
_DISTILBERT_REVISION = "714eb0fa89d2f80546fda750413ed43d93601a13"
KNOWN_REVISIONS = {
    "distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
}
DEFAULT_MAX_TOKENS = 2048  # for architectures without a limit of their own (XLNet), so that memory stays bounded


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model with a sequence-classification head in ``eval()`` mode, its fast tokenizer and its name in results."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str

    @property
    def max_tokens(self) -> int:
        """The maximum length of a text, in tokens.

        RoBERTa and related models number positions from the padding token's id + 1, so they have fewer than they have
        ``position_embeddings``, whose ``padding_idx`` is that id.
        """
        embeddings: Any = getattr(self.model.base_model, "embeddings", None)
        padding = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
        positions = getattr(self.model.config, "max_position_embeddings", None) or -1
        if positions < 0:  # XLNet has no limit; its config has a negative number or none
            positions = DEFAULT_MAX_TOKENS
        elif padding is not None:
            positions -= padding + 1
        return min(self.tokenizer.model_max_length, int(positions))


def as_classifier(checkpoint: Checkpoint, precision: str = "fp32", device: str = "cpu", threads: int = 1) -> Classifier:
    """Return a classifier that computes ``checkpoint`` with torch; the other arguments are those of ``load``."""
    fast_tokenizer: Any = checkpoint.tokenizer
    tokenizer = Tokenizer.from_str(fast_tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(checkpoint.max_tokens, direction=fast_tokenizer.truncation_side)
    model = TransformersModel(checkpoint.model, checkpoint.tokenizer, threads=threads)
    return Classifier(model.convert(precision, device), tokenizer, checkpoint.name)


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """Write ``checkpoint`` for ``from_pretrained``; raise a BotError unless ``folder`` is empty or new."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BotError(f"{folder} is not empty. Name an empty or new folder.")
        checkpoint.model.save_pretrained(folder)
        checkpoint.tokenizer.save_pretrained(folder)
        _name_tokenizer_class(folder / "tokenizer_config.json")
        for path in folder.glob("*.safetensors"):
            path.chmod(0o644)  # safetensors makes them unreadable for other users
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BotError(f"{folder} cannot be written ({reason}). Name another folder.") from error


def _name_tokenizer_class(path: Path) -> None:
    """Replace a class name that only transformers 5 knows by the one that version 4 knows too."""
    config = path.read_text(encoding="utf-8")
    path.write_text(config.replace('"TokenizersBackend"', '"PreTrainedTokenizerFast"'), encoding="utf-8")


def load(name: str | None = None, revision: str | None = None) -> Checkpoint:
    """Load a checkpoint; the arguments and errors are those of :func:`bot.sentiment.models.loading.load`."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if name is None:
        return _load_embedded()
    folder = _find_folder(name)
    if folder is not None:
        full_name, source = name, f"the folder {folder}"
    else:
        revision = _find_revision(name, revision)
        full_name, source = f"{name}@{revision}", f"the Hugging Face Hub at commit {revision}"
    try:
        folder = folder or _download(name, revision)
        options = {"local_files_only": True, "trust_remote_code": False}
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder, **options, use_safetensors=True, dtype="float32", output_loading_info=True
        )
    # The Hub's client raises errors of its own and of its HTTP library; transformers raises nearly every kind.
    except Exception as error:
        raise _unusable_model_error(
            f"The model {name} could not be loaded from {source} ({first_line(error)}). Check its name, that this "
            "machine can reach it and that its weights are safetensors"
        ) from error
    problems = {
        "has no trained text-classification head": info["missing_keys"],
        "is a regression model and has no labels": model.config.problem_type == "regression",
        "has no padding token, so texts cannot be batched": tokenizer.pad_token is None,
        "has no fast tokenizer, which the breakdown requires": not tokenizer.is_fast,
    }
    for problem, present in problems.items():
        if present:
            raise _unusable_model_error(f"The model {full_name} from {source} {problem}. Choose another model")
    return Checkpoint(model.eval(), tokenizer, full_name)


def _load_embedded() -> Checkpoint:
    try:
        weights = load_embedded_weights()  # first, since it verifies all files
        config = AutoConfig.from_pretrained(EMBEDDED_FOLDER, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_FOLDER, local_files_only=True)
        model = AutoModelForSequenceClassification.from_config(config)
        model.load_state_dict(weights)
    # transformers raises nearly every kind of error for files that are missing or damaged.
    except Exception as error:
        raise damaged_model_error(error) from error
    return Checkpoint(model.eval(), tokenizer, EMBEDDED_NAME)


def _find_folder(name: str) -> Path | None:
    """Return the folder ``name`` if it has a model, or None if there is no such folder."""
    try:
        folder = Path(name).expanduser()
        is_folder, is_model, is_file = folder.is_dir(), (folder / "config.json").is_file(), folder.is_file()
    except (OSError, RuntimeError, ValueError):  # an unknown ~user, a name too long, a NUL
        return None
    if is_file:
        raise _unusable_model_error(f"{folder} is a file: name the folder that contains it and its config.json")
    if is_folder and not is_model:
        raise _unusable_model_error(f"The folder {folder} holds no model: it has no config.json. Name another folder")
    return folder if is_model else None


def _find_revision(name: str, revision: str | None) -> str:
    """Return the commit to load from the Hub: ``revision``, or the known one of ``name``."""
    if not re.fullmatch(r"[\w.-]{1,96}(/[\w.-]{1,96})?", name):
        raise _unusable_model_error(
            f"No model at {name[:200]}: there is no such folder. Name a folder or a model on the Hub"
        )
    if revision and not re.fullmatch("[0-9a-f]{40}", revision):
        raise _unusable_model_error(
            f"SENTIMENT_MODEL_REVISION must be all 40 hexadecimal digits of a commit of {name} (on its page at "
            "Hugging Face: Files, History), since a branch or a short commit can change. Correct it"
        )
    if revision or name in KNOWN_REVISIONS:
        return revision or KNOWN_REVISIONS[name]
    raise _unusable_model_error(
        f"There is no folder {name}, and models from the Hugging Face Hub are loaded at a fixed commit only: set "
        "SENTIMENT_MODEL_REVISION to its 40 hexadecimal digits (on the model's page: Files, History)"
    )


def _download(name: str, revision: str | None) -> Path:
    """Return the folder of the checkpoint's files, from the local cache if possible."""
    disable_progress_bars()
    files = ["*.json", "*.txt", "*.model", "*.safetensors"]
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=files, local_files_only=True))
    except LocalEntryNotFoundError:
        # This request fails at once when the Hub is unreachable; the download retries for half a minute.
        HfApi().model_info(name, revision=revision)
        return Path(snapshot_download(name, revision=revision, allow_patterns=files))


def _unusable_model_error(problem: str) -> ConfigurationError:
    return ConfigurationError(f"{problem}, or unset SENTIMENT_MODEL to use the model that comes with the bot.")
