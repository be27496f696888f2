"""Checkpoints loaded with transformers: from a folder, from the Hugging Face Hub, or the embedded model.

Weights are read from safetensors only, code from a checkpoint is never run, and a model from the Hub is always taken at
a fixed commit.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from huggingface_hub.utils.tqdm import disable_progress_bars
from safetensors import SafetensorError
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier, Model, Row
from bot.sentiment.models.bert import Bert
from bot.sentiment.models.embedded import EMBEDDED_FOLDER, EMBEDDED_NAME, damaged_model_error, load_embedded_weights

# The revision that transformers pins for pipeline("sentiment-analysis"), see SUPPORTED_TASKS in its pipelines.
_DISTILBERT_REVISION = "714eb0fa89d2f80546fda750413ed43d93601a13"
KNOWN_REVISIONS = {
    "distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
}

_COMMIT = re.compile(r"[0-9a-f]{40}")
_FALLBACK = "or unset SENTIMENT_MODEL to use the model that comes with the bot"

DEFAULT_MAX_TOKENS = 2048
"""The maximum length of texts for architectures without a limit of their own (XLNet), so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model with a sequence-classification head in ``eval()`` mode, its fast tokenizer and its name in results."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str

    @property
    def max_tokens(self) -> int:
        """The maximum length of a text, in tokens."""
        return min(self.tokenizer.model_max_length, _max_positions(self.model))


def as_classifier(checkpoint: Checkpoint) -> Classifier:
    """Return a classifier for ``checkpoint``."""
    fast_tokenizer: Any = checkpoint.tokenizer
    tokenizer = Tokenizer.from_str(fast_tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(checkpoint.max_tokens, direction=fast_tokenizer.truncation_side)
    config, state = checkpoint.model.config.to_dict(), checkpoint.model.state_dict()
    model = Bert(config, state) if Bert.supports(config) else TransformersModel(checkpoint.model, checkpoint.tokenizer)
    return Classifier(model.eval(), tokenizer, checkpoint.name)


class TransformersModel(Model):
    """A model of any architecture in transformers; computes one padded batch."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        # The attention mask is made when the rows are padded.
        names = [name for name in tokenizer.model_input_names if name != "attention_mask"]
        super().__init__(model.config.to_dict(), names)
        self.model: Any = model
        self.padding = {"input_ids": tokenizer.pad_token_id, "token_type_ids": tokenizer.pad_token_type_id}
        self.pad_left = tokenizer.padding_side == "left"

    def hidden_layers(self) -> nn.Module:
        """Return the model without its head."""
        base: nn.Module = self.model.base_model
        return base

    def forward(self, rows: Sequence[Row]) -> Tensor:
        """Return the logits of ``rows``, shape (rows, labels), in float32."""
        inputs = {name: self._pad([row[name] for row in rows], self.padding[name]) for name in self.columns}
        mask = self._pad([[1] * len(row["input_ids"]) for row in rows], 0)
        logits: Tensor = self.model(**inputs, attention_mask=mask).logits
        return logits.float()

    def _pad(self, rows: Sequence[list[int]], value: int) -> Tensor:
        longest = max(map(len, rows))
        paddings = ([value] * (longest - len(row)) for row in rows)
        pairs = zip(rows, paddings, strict=True)
        return torch.tensor(
            [padding + row if self.pad_left else row + padding for row, padding in pairs], device=self.model.device
        )


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """Write ``checkpoint`` to ``folder``, in the format of ``from_pretrained``.

    Raises:
        ConfigurationError: the folder is not empty or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigurationError(f"{folder} is not empty. Name an empty or new folder.")
        checkpoint.model.save_pretrained(folder)
        checkpoint.tokenizer.save_pretrained(folder)
        for path in folder.glob("*.safetensors"):
            path.chmod(0o644)  # safetensors makes them unreadable for other users
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"{folder} cannot be written ({reason}). Name another folder.") from error


def load(name: str | None = None, revision: str | None = None) -> Checkpoint:
    """Load a checkpoint; the arguments and errors are those of :func:`bot.sentiment.models.loading.load`."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if name is None:
        return _load_embedded()
    try:
        folder = Path(name).expanduser()
        is_folder, is_model, is_file = folder.is_dir(), (folder / "config.json").is_file(), folder.is_file()
    except (OSError, RuntimeError, ValueError):  # an unknown ~user, a name too long, a NUL
        is_folder, is_model, is_file = False, False, False
    if is_model:
        return _load_folder(folder, name, f"the folder {folder}")
    if is_folder:
        raise ConfigurationError(
            f"The folder {folder} holds no model: it has no config.json. Name another folder, {_FALLBACK}."
        )
    if is_file:
        raise ConfigurationError(
            f"{folder} is a file: name the folder that contains it and its config.json, {_FALLBACK}."
        )
    if not re.fullmatch(r"[\w.-]{1,96}(/[\w.-]{1,96})?", name):
        raise ConfigurationError(
            f"No model at {name[:200]}: there is no such folder. Name a folder or a model on the Hub, {_FALLBACK}."
        )
    if revision and not _COMMIT.fullmatch(revision):
        raise ConfigurationError(
            f"SENTIMENT_MODEL_REVISION must be all 40 hexadecimal digits of a commit of {name} (on its page at "
            f"Hugging Face: Files, History), since a branch or a short commit can change. Correct it, {_FALLBACK}."
        )
    revision = revision or KNOWN_REVISIONS.get(name)
    if revision is None:
        raise ConfigurationError(
            f"There is no folder {name}, and models from the Hugging Face Hub are loaded at a fixed commit only: set "
            f"SENTIMENT_MODEL_REVISION to its 40 hexadecimal digits (on the model's page: Files, History), {_FALLBACK}."
        )
    source = f"the Hugging Face Hub at commit {revision}"
    try:
        folder = _download(name, revision)
    # The Hub's client raises errors of its own, of its HTTP library and of the operating system.
    except Exception as error:
        raise _load_error(name, source, error) from error
    return _load_folder(folder, f"{name}@{revision}", source)


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


def _download(name: str, revision: str) -> Path:
    """Return the folder of the checkpoint's files, from the local cache if possible."""
    disable_progress_bars()
    files = ["*.json", "*.txt", "*.model", "*.safetensors"]
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=files, local_files_only=True))
    except LocalEntryNotFoundError:
        # This request fails at once when the Hub is unreachable; the download retries for half a minute.
        HfApi().model_info(name, revision=revision)
        return Path(snapshot_download(name, revision=revision, allow_patterns=files))


def _load_folder(folder: Path, name: str, source: str) -> Checkpoint:
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
    except Exception as error:  # of every kind, as above
        raise _load_error(name, source, error) from error
    problem = _find_problem(model, tokenizer, info["missing_keys"])
    if problem:
        raise ConfigurationError(f"The model {name} from {source} {problem}. Choose another model, {_FALLBACK}.")
    return Checkpoint(model.eval(), tokenizer, name)


def _find_problem(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, missing: Collection[str]) -> str | None:
    """Return why a checkpoint that was loaded cannot be used, or None."""
    if missing:
        return "has no trained text-classification head"
    if model.config.problem_type == "regression":
        return "is a regression model and has no labels"
    if tokenizer.pad_token is None:
        return "has no padding token, so texts cannot be batched"
    if not tokenizer.is_fast:
        return "has no fast tokenizer, which the breakdown requires"
    return None


def _load_error(name: str, source: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"The model {name} could not be loaded from {source} ({_first_line(error)}). Check its name, that this machine "
        f"can reach it and that its weights are safetensors, {_FALLBACK}."
    )


def _first_line(error: Exception) -> str:
    """Return the first non-empty line of an error's message, or the name of its type."""
    lines = (line.strip().rstrip(".:") for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)


def _max_positions(model: PreTrainedModel) -> int:
    """Return the maximum number of tokens for which the model has positions.

    RoBERTa and related models number positions from the padding token's id + 1, so they have fewer than they have
    ``position_embeddings``, whose ``padding_idx`` is that id.
    """
    embeddings: Any = getattr(model.base_model, "embeddings", None)
    padding = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
    # XLNet has no limit; its config has a negative number or none.
    positions = getattr(model.config, "max_position_embeddings", None) or -1
    if positions < 0:
        return DEFAULT_MAX_TOKENS
    return int(positions) - (0 if padding is None else padding + 1)
