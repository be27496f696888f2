"""Weights stored as int8: a quarter of the size, and ready for int8 arithmetic.

Every row of a matrix has one scale: ``weight = int8 * scale``. Vectors (biases, layer norms) stay in float32.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

_SCALE = "::scale"


def quantize(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``rows``, shape (…, size), as int8 of that shape, and their scales, shape (…, 1), in float32."""
    # The minimum scale avoids a division by zero for rows of zeros.
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
    """Reverse :func:`pack`: the same names, with every matrix in float32 again."""
    return {
        name: weight * packed[name + _SCALE] if name + _SCALE in packed else weight
        for name, weight in packed.items()
        if not name.endswith(_SCALE)
    }
