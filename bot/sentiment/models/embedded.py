"""The embedded model, which ships with the bot: its files, their checksums, and loading it without transformers."""

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
from bot.sentiment.text import first_line

EMBEDDED_FOLDER = Path(__file__).parents[1] / "embedded"
EMBEDDED_NAME = "embedded"
_WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"
PACKED_WEIGHTS = "model.int8.safetensors"
DIGESTS = "SHA256SUMS"  # in the format of ``sha256sum``; verified at every load, in some 50 ms


def load_embedded() -> Classifier:
    """Load the embedded model; raise a ConfigurationError if its files are missing or damaged."""
    try:
        packed = _load_packed()  # first, since it verifies all files
        config = json.loads((EMBEDDED_FOLDER / "config.json").read_text())
        tokenizer = Tokenizer.from_file(str(EMBEDDED_FOLDER / "tokenizer.json"))
        tokenizer.enable_truncation(config["max_position_embeddings"])
        # The word embeddings, most of the weights, stay in int8.
        words = {name: weight for name, weight in packed.items() if name.startswith(_WORD_EMBEDDINGS)}
        model = Bert(config, unpack({name: packed[name] for name in packed.keys() - words.keys()}) | words)
    # The tokenizers library raises plain Exception for files that it cannot read.
    except Exception as error:
        raise damaged_model_error(error) from error
    return Classifier(model.eval(), tokenizer, EMBEDDED_NAME)


def load_embedded_weights() -> dict[str, Tensor]:
    """Verify the model's files and return its weights in float32, with the names that transformers gives them."""
    return unpack(_load_packed())


def _load_packed() -> dict[str, Tensor]:
    """Verify the model's files and return its weights as stored, in int8 with scales."""
    for line in (EMBEDDED_FOLDER / DIGESTS).read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        if sha256_of(EMBEDDED_FOLDER / name) != digest:
            raise ValueError(f"{name} is damaged or was changed")
    return load_file(EMBEDDED_FOLDER / PACKED_WEIGHTS)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged_model_error(error: Exception) -> ConfigurationError:
    """Return the error for an embedded model that cannot be read."""
    place = f"{EMBEDDED_FOLDER} ({first_line(error)})"
    return ConfigurationError(f"The model that comes with the bot cannot be read from {place}. Install the bot again.")
