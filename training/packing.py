"""Writing of the embedded model's files, which :mod:`bot.sentiment.models.embedded` reads."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from bot.sentiment.models.embedded import DIGESTS, PACKED_WEIGHTS, sha256_of
from bot.sentiment.models.quantization import SCALE, quantize


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``state`` with each matrix ``name`` in int8, and ``name::scale`` of shape (rows, 1) beside it."""
    packed: dict[str, Tensor] = {}
    for name, weight in state.items():
        if weight.ndim == 2:
            packed[name], packed[name + SCALE] = quantize(weight)
        else:
            packed[name] = weight.contiguous()
    return packed


def write_digests(folder: Path) -> None:
    """Write the checksums of the model's files in ``folder``."""
    names = ("config.json", PACKED_WEIGHTS, "tokenizer.json", "tokenizer_config.json")
    (folder / DIGESTS).write_text("".join(f"{sha256_of(folder / name)}  {name}\n" for name in names))
