"""Weights kept as int8, so that a clone of this repository stays light.

Every 64 neighbours in a row of a matrix share one scale: ``weight = int8 * scale``. Vectors (biases,
layer norms) stay as they are. Packing happens once, after training; the bot only unpacks.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

GROUP = 64
_SCALE = "::scale"


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``state`` with each matrix whose rows divide into groups of 64 as int8 and float16 scales.

    A matrix ``name`` of shape (rows, columns) becomes ``name`` (rows, columns) in int8 and
    ``name::scale`` (rows, columns / 64) in float16.
    """
    packed: dict[str, Tensor] = {}
    for name, weight in state.items():
        if weight.ndim != 2 or weight.shape[1] % GROUP:
            packed[name] = weight.contiguous()
            continue
        groups = weight.float().unflatten(1, (-1, GROUP))
        # The smallest normal float16 keeps an all-zero group from dividing by zero.
        scale = (groups.abs().amax(-1) / 127).clamp(min=2**-14).half()
        rounded = (groups / scale.float().unsqueeze(-1)).round().clamp(-127, 127)
        packed[name] = rounded.to(torch.int8).flatten(1).contiguous()
        packed[name + _SCALE] = scale.contiguous()
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Undo :func:`pack`: the same names, every matrix back in float32 with its shape of before."""
    state: dict[str, Tensor] = {}
    for name, weight in packed.items():
        scale = packed.get(name + _SCALE)
        if scale is not None:
            groups = weight.float().unflatten(1, (-1, GROUP))
            state[name] = (groups * scale.float().unsqueeze(-1)).flatten(1)
        elif not name.endswith(_SCALE):
            state[name] = weight
    return state
