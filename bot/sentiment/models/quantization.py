"""Weights stored as int8: a quarter of the size, and ready for int8 arithmetic.

Every row of a matrix has one scale: ``weight = int8 * scale``. Vectors (biases, layer norms) stay in float32.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

SCALE = "::scale"
"""Follows the name of a matrix in the name of its scales, of shape (rows, 1)."""


def quantize(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``rows``, shape (…, size), as int8 of that shape, and their scales, shape (…, 1), in float32."""
    # The minimum scale avoids a division by zero for rows of zeros.
    scale = (rows.float().abs().amax(-1, keepdim=True) / 127).clamp(min=1e-12)
    return (rows / scale).round().to(torch.int8), scale


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a checkpoint in int8, with every matrix in float32 again."""
    return {
        name: weight * packed[name + SCALE] if name + SCALE in packed else weight
        for name, weight in packed.items()
        if not name.endswith(SCALE)
    }


class Int8Embedding(nn.Module):
    """An embedding whose rows stay in int8 until they are looked up, which saves three quarters of its memory.

    ``codes`` has shape (tokens, size) and ``scale`` (tokens, 1).
    """

    def __init__(self, codes: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.codes = nn.Buffer(codes)
        self.scale = nn.Buffer(scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids of shape (…) to rows of shape (…, size)."""
        return self.codes[ids] * self.scale[ids]
