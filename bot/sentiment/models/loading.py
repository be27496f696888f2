"""From a name to a :class:`Classifier`: the model that comes with the bot, or any other checkpoint."""

import hashlib
import json
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.models.bert import Bert
from bot.sentiment.models.quantization import unpack

EMBEDDED_FOLDER = Path(__file__).parents[1] / "embedded"
EMBEDDED_NAME = "embedded"
PACKED_WEIGHTS = "model.int8.safetensors"

DIGESTS = "SHA256SUMS"
"""Which files of the embedded model were made together, in the format of ``sha256sum``; read at each load, in 20 ms."""


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
    from bot.sentiment.models import checkpoint  # transformers takes seconds to import

    return checkpoint.as_classifier(checkpoint.load(name, revision))


def load_embedded_weights() -> dict[str, Tensor]:
    """Return the weights that come with the bot in float32, called as transformers calls them.

    Raises:
        ValueError: they, or what belongs to them, are not the files that were made together.
    """
    for line in (EMBEDDED_FOLDER / DIGESTS).read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        if sha256_of(EMBEDDED_FOLDER / name) != digest:
            raise ValueError(f"{name} is damaged or was changed")
    return unpack(load_file(EMBEDDED_FOLDER / PACKED_WEIGHTS))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_digests(folder: Path) -> None:
    """Say which files in ``folder`` make up the model."""
    names = ("config.json", PACKED_WEIGHTS, "tokenizer.json", "tokenizer_config.json")
    (folder / DIGESTS).write_text("".join(f"{sha256_of(folder / name)}  {name}\n" for name in names))


def _load_embedded() -> Classifier:
    try:
        weights = load_embedded_weights()  # first: it sees whether all files are the right ones
        config = json.loads((EMBEDDED_FOLDER / "config.json").read_text())
        tokenizer = Tokenizer.from_file(str(EMBEDDED_FOLDER / "tokenizer.json"))
        tokenizer.enable_truncation(config["max_position_embeddings"])
        model = Bert(config, weights)
    # The tokenizer's file is read by code in Rust that raises Exception itself.
    except Exception as error:
        raise damaged_model_error(error) from error
    return Classifier(model.eval(), tokenizer, EMBEDDED_NAME)


def damaged_model_error(error: Exception) -> ConfigurationError:
    """Say that the model that comes with the bot cannot be read."""
    reason = str(error).partition("\n")[0].rstrip(".:") or type(error).__name__
    return ConfigurationError(
        f"The model that comes with the bot cannot be read from {EMBEDDED_FOLDER} ({reason}). Install it again."
    )
