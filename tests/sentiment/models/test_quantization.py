"""Weights in int8."""

import torch

from bot.sentiment.models.quantization import SCALE, Int8Embedding, quantize, unpack

ROWS = torch.randn(50, 16, generator=torch.Generator().manual_seed(0)) * torch.logspace(-3, 2, 50)[:, None]
IDS = torch.tensor([[0, 3, 3], [49, 17, 8]])


def unpacked_rows() -> torch.Tensor:
    """Return ``ROWS``, rounded to int8 and back, for each of ``IDS``."""
    codes, scale = quantize(ROWS)
    return unpack({"words": codes, "words" + SCALE: scale})["words"][IDS]


def test_embedding() -> None:
    """An embedding in int8 returns exactly the unpacked rows, in float32."""
    found = Int8Embedding(*quantize(ROWS))(IDS)
    assert found.dtype == torch.float32
    assert torch.equal(found, unpacked_rows())


def test_embedding_in_bfloat16() -> None:
    """Converted to bfloat16, it keeps its int8 rows and returns them within the precision of bfloat16."""
    embedding = Int8Embedding(*quantize(ROWS)).bfloat16()
    found = embedding(IDS)
    assert embedding.codes.dtype == torch.int8
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), unpacked_rows(), rtol=torch.finfo(torch.bfloat16).eps, atol=0)
