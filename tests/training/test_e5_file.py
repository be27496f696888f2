"""Reading of the base model's file."""

import struct
from pathlib import Path

import numpy as np
import pytest

from training.e5_file import read_e5_file


def make_file(magic: bytes = b"E5S1") -> bytes:
    """Return a file with three pieces and two tensors, one in float32 and one of 32 values in four bits."""
    header = struct.pack("<4sI7ifi", magic, 1, 384, 12, 12, 1536, 3, 512, 2, 1e-12, 32)
    pieces = ["<s>", "▁the", "🎉"]
    content = "".join(pieces).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in pieces)]).astype("<u4").tobytes()
    scores = np.array([0, -3.5, -9], "<f4").tobytes()
    vocabulary = struct.pack("<5iQ", 3, 0, 2, 1, 3, len(content)) + offsets + scores + content
    normalisation = struct.pack("<II", 2, 5) + b"12345"
    values = np.array([1.5, -2], "<f4").tobytes()
    # Value 0 has the bits 15, value 16 has 0, and all others 8, which stands for zero.
    four_bits = np.array([0.5], "<f2").tobytes() + bytes([15, *[0x88] * 15])
    names = [(b"norm.w", 0, 2, len(values)), (b"l0.q.w", 1, 32, len(four_bits))]
    index_size = 4 + sum(2 + len(name) + 21 for name, *_ in names)
    at = len(header) + len(vocabulary) + len(normalisation) + index_size
    index = struct.pack("<i", 2)
    for name, kind, count, size in names:
        index += struct.pack("<H", len(name)) + name + struct.pack("<BIQQ", kind, count, at, size)
        at += size
    return header + vocabulary + normalisation + index + values + four_bits


def test_contents(tmp_path: Path) -> None:
    """Sizes, vocabulary and both kinds of tensors are read."""
    path = tmp_path / "base.bin"
    path.write_bytes(make_file())
    base = read_e5_file(path)
    assert base.config == {"hidden": 384, "layers": 12, "heads": 12, "inner": 1536, "positions": 512}
    assert base.pieces == ["<s>", "▁the", "🎉"]
    assert base.scores == [0, -3.5, -9]
    assert base.tensors["norm.w"].tolist() == [1.5, -2]
    assert base.tensors["l0.q.w"].tolist() == [3.5, *[0] * 15, -4, *[0] * 15]


def test_other_format(tmp_path: Path) -> None:
    """A file of another kind is an error that names it."""
    path = tmp_path / "base.bin"
    path.write_bytes(make_file(b"GGUF"))
    with pytest.raises(ValueError, match=r"base\.bin"):
        read_e5_file(path)
