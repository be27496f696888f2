"""Packing of weights is reversible, up to the rounding to 8 bits."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sentiment.models.quantization import unpack
from training.packing import pack


@given(rows=st.integers(1, 4), columns=st.integers(1, 90), size=st.floats(1e-6, 100), seed=st.integers(0, 99))
@settings(deadline=None)
def test_round_trip(rows: int, columns: int, size: float, seed: int) -> None:
    """Each weight is restored within half its row's scale, with its shape, in float32."""
    weight = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)) * size
    unpacked = unpack(pack({"weight": weight}))["weight"]
    step = weight.abs().amax(-1, keepdim=True) / 127
    assert unpacked.shape == weight.shape
    assert unpacked.dtype == torch.float32
    assert ((unpacked - weight).abs() <= step * 0.5001).all()


def test_zeros() -> None:
    """Rows of zeros are restored exactly."""
    assert unpack(pack({"weight": torch.zeros(2, 3)}))["weight"].abs().max() == 0


def test_vectors() -> None:
    """Vectors and scalars are restored exactly."""
    state = {"bias": torch.randn(7), "scalar": torch.tensor(2.5)}
    unpacked = unpack(pack(state))
    assert all(torch.equal(unpacked[name], state[name]) for name in state)


def test_size() -> None:
    """A packed matrix has a quarter of its float32 size, plus the scales."""
    packed = pack({"weight": torch.randn(64, 640)})
    size = sum(tensor.numel() * tensor.element_size() for tensor in packed.values())
    assert size < 64 * 640 * 4 * 0.26
