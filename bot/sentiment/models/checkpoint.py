"""Checkpoints as transformers loads them: from a folder, from Hugging Face's Hub, or the one that comes with the bot.

Weights are read from safetensors only, code from a checkpoint is never run, and what comes from the Hub
comes from one fixed commit.
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
from bot.sentiment.classifier import Classifier
from bot.sentiment.model import Model, Row
from bot.sentiment.models.bert import Bert
from bot.sentiment.models.loading import EMBEDDED_FOLDER, EMBEDDED_NAME, damaged_model_error, load_embedded_weights

# What transformers itself pins for pipeline("sentiment-analysis"), see PIPELINES' SUPPORTED_TASKS there.
_DISTILBERT_REVISION = "714eb0fa89d2f80546fda750413ed43d93601a13"
KNOWN_REVISIONS = {
    "distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": _DISTILBERT_REVISION,
}

_COMMIT = re.compile(r"[0-9a-f]{40}")
_BACK = "or unset SENTIMENT_MODEL to use the model that comes with the bot"


UNLIMITED = 2048
"""Where texts end for architectures that set no limit of their own (XLNet), so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model with a sequence-classification head in ``eval()`` mode, its fast tokenizer, and what results call it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read: those that the model has positions for."""
        return min(self.tokenizer.model_max_length, _positions(self.model))


def as_classifier(checkpoint: Checkpoint) -> Classifier:
    """Let the bot judge with ``checkpoint``."""
    own: Any = checkpoint.tokenizer
    tokenizer = Tokenizer.from_str(own.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(checkpoint.max_tokens, direction=own.truncation_side)
    config = checkpoint.model.config.to_dict()
    computes = Bert.computes(config)
    model = Bert(config, checkpoint.model.state_dict()) if computes else Transformer(checkpoint.model, own)
    return Classifier(model.eval(), tokenizer, checkpoint.name)


class Transformer(Model):
    """Any architecture of transformers, on one padded batch."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        # What the tokenizer calls special may be no column of a row (the attention mask, which padding makes).
        names = [name for name in tokenizer.model_input_names if name != "attention_mask"]
        super().__init__(model.config.to_dict(), names)
        self.model: Any = model
        self.padding = {"input_ids": tokenizer.pad_token_id, "token_type_ids": tokenizer.pad_token_type_id}
        self.left = tokenizer.padding_side == "left"

    def hidden_layers(self) -> nn.Module:
        """Return the model without its head."""
        base: nn.Module = self.model.base_model
        return base

    def forward(self, rows: Sequence[Row]) -> Tensor:
        """Return the logits of ``rows``, in float32."""
        inputs = {name: self._padded([row[name] for row in rows], self.padding[name]) for name in self.columns}
        mask = self._padded([[1] * len(row["input_ids"]) for row in rows], 0)
        logits: Tensor = self.model(**inputs, attention_mask=mask).logits
        return logits.float()

    def _padded(self, rows: Sequence[list[int]], value: int) -> Tensor:
        longest = max(map(len, rows))
        fills = ([value] * (longest - len(row)) for row in rows)
        both = zip(rows, fills, strict=True)
        return torch.tensor([fill + row if self.left else row + fill for row, fill in both], device=self.model.device)


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """Write ``checkpoint`` to ``folder``, as ``from_pretrained`` reads it.

    Raises:
        ConfigurationError: the folder holds something already or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigurationError(f"{folder} is not empty. Name a folder that is empty or not there yet.")
        checkpoint.model.save_pretrained(folder)
        checkpoint.tokenizer.save_pretrained(folder)
        for path in folder.glob("*.safetensors"):
            path.chmod(0o644)  # safetensors lets nobody else read them
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"{folder} cannot be written ({reason}). Name another folder.") from error


def load(name: str | None = None, revision: str | None = None) -> Checkpoint:
    """Load a checkpoint; the arguments and errors are those of :func:`bot.sentiment.loading.load`."""
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
        return _load(folder, name, f"the folder {folder}")
    if is_folder:
        raise ConfigurationError(f"The folder {folder} holds no model: it has no config.json. Name another, {_BACK}.")
    if is_file:
        raise ConfigurationError(f"{folder} is a file: name the folder that holds it with its config.json, {_BACK}.")
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


def _load_embedded() -> Checkpoint:
    try:
        weights = load_embedded_weights()  # first, as in bot.sentiment.loading
        config = AutoConfig.from_pretrained(EMBEDDED_FOLDER, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(EMBEDDED_FOLDER, local_files_only=True)
        model = AutoModelForSequenceClassification.from_config(config)
        model.load_state_dict(weights)
    # transformers and its parts raise nearly every kind of error for files that are not there or broken.
    except Exception as error:
        raise damaged_model_error(error) from error
    return Checkpoint(model.eval(), tokenizer, EMBEDDED_NAME)


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


def _load(folder: Path, name: str, place: str) -> Checkpoint:
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
        raise _not_loaded(name, place, error) from error
    complaint = _complaint(model, tokenizer, info["missing_keys"])
    if complaint:
        raise ConfigurationError(f"The model {name} from {place} {complaint}. Choose another, {_BACK}.")
    return Checkpoint(model.eval(), tokenizer, name)


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


def _positions(model: PreTrainedModel) -> int:
    """Return how many tokens the model has positions for.

    RoBERTa and its kin count positions from behind the padding token's id, which costs them some:
    their ``position_embeddings`` carry that id as ``padding_idx``.
    """
    embeddings: Any = getattr(model.base_model, "embeddings", None)
    padding = getattr(getattr(embeddings, "position_embeddings", None), "padding_idx", None)
    # XLNet has no limit and says so with a negative number, or says nothing.
    positions = getattr(model.config, "max_position_embeddings", None) or -1
    if positions < 0:
        return UNLIMITED
    return int(positions) - (0 if padding is None else padding + 1)
