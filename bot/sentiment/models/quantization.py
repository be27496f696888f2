"""Weights kept as int8, so that a clone of this repository stays light and int8 arithmetic has them at hand.

Every row of a matrix has one scale: ``weight = int8 * scale``. Vectors (biases, layer norms) stay as they are.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE = "::scale"


def quantize(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``rows``, shape (…, size), as int8 of that shape, and their scales, shape (…, 1), in float32."""
    # The least scale keeps a row of zeros from dividing by zero.
    scale = (rows.float().abs().amax(-1, keepdim=True) / 127).clamp(min=1e-12)
    return (rows / scale).round().to(torch.int8), scale


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``state`` with each matrix ``name`` in int8, and ``name::scale`` of shape (rows, 1) beside it."""
    packed: dict[str, Tensor] = {}
    for name, weight in state.items():
        if weight.ndim == 2:
            packed[name], packed[name + _SCALE] = quantize(weight)
        else:
            packed[name] = weight.contiguous()
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Undo :func:`pack`: the same names, every matrix back in float32 with its shape of before."""
    return {
        name: weight * packed[name + _SCALE] if name + _SCALE in packed else weight
        for name, weight in packed.items()
        if not name.endswith(_SCALE)
    }
