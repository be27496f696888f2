"""The embedded model, which ships with the bot: its files, their checksums, and loading it."""

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier
from bot.sentiment.text import first_line

if TYPE_CHECKING:
    from torch import Tensor

_logger = logging.getLogger(__name__)

EMBEDDED_FOLDER = Path(__file__).parents[1] / "embedded"
EMBEDDED_NAME = "embedded"
GRAPH = "model.xml"
WEIGHTS = "model.int8.safetensors"
DIGESTS = "SHA256SUMS"  # in the format of ``sha256sum``; verified at every load, in some 50 ms

ROW_SCALE, COLUMN_SCALE = "::row_scale", "::column_scale"
"""Follow the name of a matrix in the names of its scales, of shape (rows, 1) and (1, columns).

``weight = int8 * row scale * column scale``; not every matrix has column scales.
"""
GRAPH_CONSTANTS = "graph_constants"
"""The tensor of what ``GRAPH`` needs besides the weights."""


def load_embedded(threads: int) -> Classifier:
    """Load the embedded model for ``threads``, in int8 or, on a processor where that gives wrong scores, in fp32.

    Raises:
        ConfigurationError: the model's files are missing or damaged, or it does not compute on this processor.
    """
    from bot.sentiment.models.openvino_model import OpenVinoModel  # other models do not need OpenVINO

    try:
        _verify()
        config = json.loads((EMBEDDED_FOLDER / "config.json").read_text())
        tokenizer = Tokenizer.from_file(str(EMBEDDED_FOLDER / "tokenizer.json"))
    # The tokenizers library raises plain Exception for files that it cannot read.
    except Exception as error:
        raise damaged_model_error(error) from error
    tokenizer.enable_truncation(config["max_position_embeddings"])
    graph, weights = EMBEDDED_FOLDER / GRAPH, EMBEDDED_FOLDER / WEIGHTS
    models = (
        OpenVinoModel(graph, weights, config, threads=threads, precision=precision) for precision in ("int8", "fp32")
    )
    return first_correct(Classifier(model, tokenizer, EMBEDDED_NAME) for model in models)


def first_correct(classifiers: Iterable[Classifier]) -> Classifier:
    """Return the first of ``classifiers`` that gives a plain text its label; raise a ConfigurationError if none does.

    On an emulated processor with AVX2 and without VNNI, OpenVINO's arithmetic in int8 gave nearly equal scores.
    """
    for classifier in classifiers:
        (sentiment,) = classifier.classify(["I love this"])
        if sentiment.label == "POSITIVE" and sentiment.score > 0.9:
            return classifier
        _logger.warning("the embedded model gives wrong scores in %s on this processor", classifier.model.precision)
    raise ConfigurationError(
        "The model that comes with the bot gives wrong scores on this processor. Set SENTIMENT_MODEL to another model, "
        "which torch computes."
    )


def load_embedded_weights() -> "dict[str, Tensor]":
    """Verify the model's files and return its weights in float32, with the names that transformers gives them."""
    from safetensors.torch import load_file

    _verify()
    return unpack(load_file(EMBEDDED_FOLDER / WEIGHTS))


def unpack(packed: "dict[str, Tensor]") -> "dict[str, Tensor]":
    """Return the weights of ``packed`` in float32."""
    return {
        name: tensor.float() * packed.get(name + ROW_SCALE, 1) * packed.get(name + COLUMN_SCALE, 1)
        for name, tensor in packed.items()
        if "::" not in name and name != GRAPH_CONSTANTS
    }


def _verify() -> None:
    """Raise an error if a file of the model is missing or does not have its checksum."""
    for line in (EMBEDDED_FOLDER / DIGESTS).read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        if sha256_of(EMBEDDED_FOLDER / name) != digest:
            raise ValueError(f"{name} is damaged or was changed")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged_model_error(error: Exception) -> ConfigurationError:
    """Return the error for an embedded model that cannot be read."""
    place = f"{EMBEDDED_FOLDER} ({first_line(error)})"
    return ConfigurationError(f"The model that comes with the bot cannot be read from {place}. Install the bot again.")
