"""Packed weights come back as they were, up to the rounding of 8 bits."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sentiment.models.quantization import pack, unpack


@given(rows=st.integers(1, 4), columns=st.integers(1, 90), size=st.floats(1e-6, 100), seed=st.integers(0, 99))
@settings(deadline=None)
def test_comes_back(rows: int, columns: int, size: float, seed: int) -> None:
    """Each weight returns within half a step of its row's scale, in its shape and in float32."""
    weight = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)) * size
    back = unpack(pack({"weight": weight}))["weight"]
    step = weight.abs().amax(-1, keepdim=True) / 127
    assert back.shape == weight.shape
    assert back.dtype == torch.float32
    assert ((back - weight).abs() <= step * 0.5001).all()


def test_zeros_stay_zeros() -> None:
    """A row without anything in it comes back without anything in it."""
    assert unpack(pack({"weight": torch.zeros(2, 3)}))["weight"].abs().max() == 0


def test_leaves_vectors_alone() -> None:
    """What is no matrix is kept exactly."""
    state = {"bias": torch.randn(7), "scalar": torch.tensor(2.5)}
    back = unpack(pack(state))
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_takes_a_quarter() -> None:
    """A packed matrix takes a quarter of its float32 size, and a little for the scales."""
    packed = pack({"weight": torch.randn(64, 640)})
    size = sum(tensor.numel() * tensor.element_size() for tensor in packed.values())
    assert size < 64 * 640 * 4 * 0.26
