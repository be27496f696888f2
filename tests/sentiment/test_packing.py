"""Packed weights come back as they were, up to the rounding of 8 bits."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sentiment.packing import GROUP, pack, unpack


@given(rows=st.integers(1, 4), groups=st.integers(1, 4), size=st.floats(1e-6, 100), seed=st.integers(0, 99))
@settings(deadline=None)
def test_comes_back(rows: int, groups: int, size: float, seed: int) -> None:
    """Each weight returns within half a step of its group's scale, in its shape and in float32."""
    weight = torch.randn(rows, groups * GROUP, generator=torch.Generator().manual_seed(seed)) * size
    back = unpack(pack({"weight": weight}))["weight"]
    step = weight.unflatten(1, (-1, GROUP)).abs().amax(-1, keepdim=True) / 127
    assert back.shape == weight.shape
    assert back.dtype == torch.float32
    # Half a step, and what float16 rounds off the scale; 2**-14 is the smallest scale there is.
    allowed = (step * 0.58).clamp(min=2**-15).expand(-1, -1, GROUP).flatten(1)
    assert ((back - weight).abs() <= allowed).all()


def test_leaves_vectors_alone() -> None:
    """What is no matrix of whole groups is kept exactly."""
    state = {"bias": torch.randn(7), "odd": torch.randn(3, 5), "scalar": torch.tensor(2.5)}
    back = unpack(pack(state))
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_takes_a_quarter() -> None:
    """A packed matrix takes a quarter of its float32 size, and a little for the scales."""
    packed = pack({"weight": torch.randn(64, 640)})
    size = sum(tensor.numel() * tensor.element_size() for tensor in packed.values())
    assert size < 64 * 640 * 4 * 0.26
