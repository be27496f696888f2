"""From a name to a :class:`Classifier`: the model that comes with the bot, or any other checkpoint."""

import json
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from bot.errors import ConfigurationError
from bot.sentiment.bert import Bert
from bot.sentiment.classifier import Classifier
from bot.sentiment.packing import unpack

EMBEDDED = Path(__file__).parent / "embedded"
EMBEDDED_NAME = "embedded"
PACKED_WEIGHTS = "model.int8.safetensors"


def load(name: str | None = None, revision: str | None = None) -> Classifier:
    """Load a text-classification checkpoint.

    Args:
        name: a folder or the name of a model on Hugging Face's Hub; None is the model that comes with the bot.
        revision: the commit to take from the Hub; may be left out for the models in ``KNOWN_REVISIONS``.

    Raises:
        ConfigurationError: it cannot be had, or is not what the bot can use.
    """
    if name is None:
        return _load_embedded()
    from bot.sentiment import checkpoint  # transformers takes seconds to import

    return checkpoint.as_classifier(checkpoint.load(name, revision))


def embedded_weights() -> dict[str, Tensor]:
    """Return the weights that come with the bot in float32, called as transformers calls them."""
    return unpack(load_file(EMBEDDED / PACKED_WEIGHTS))


def _load_embedded() -> Classifier:
    try:
        config = json.loads((EMBEDDED / "config.json").read_text())
        tokenizer = Tokenizer.from_file(str(EMBEDDED / "tokenizer.json"))
        tokenizer.enable_truncation(config["max_position_embeddings"])
        model = Bert(config, embedded_weights())
    # The tokenizer's file is read by code in Rust that raises Exception itself.
    except Exception as error:
        raise damaged(error) from error
    return Classifier(model.eval(), tokenizer, EMBEDDED_NAME)


def damaged(error: Exception) -> ConfigurationError:
    """Say that the model that comes with the bot cannot be read."""
    reason = str(error).partition("\n")[0].rstrip(".:") or type(error).__name__
    return ConfigurationError(
        f"The model that comes with the bot cannot be read from {EMBEDDED} ({reason}). Install it again."
    )
