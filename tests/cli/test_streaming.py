"""Streams that are computed in parts."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.cli.streaming import map_in_order
from bot.errors import BotError


async def double(part: list[int]) -> list[int]:
    """Return results that take longer the smaller the first number is."""
    await asyncio.sleep(0.02 / (1 + part[0]))
    return [2 * number for number in part]


async def test_order() -> None:
    """Results come in the order of the items, however long each takes."""
    assert [pair async for pair in map_in_order(double, range(3000))] == [(i, 2 * i) for i in range(3000)]
    assert [pair async for pair in map_in_order(double, [])] == []


async def test_bounded() -> None:
    """However many items there are, only some hundreds are read ahead of the results that were used."""
    used, ahead = 0, 0

    def items() -> Iterator[int]:
        nonlocal ahead
        for i in range(20_000):
            ahead = max(ahead, i - used)
            yield i

    async for _ in map_in_order(double, items()):
        used += 1
        if used == 5000:
            await asyncio.sleep(0.5)  # time to read on
    assert used == 20_000
    assert ahead < 1000


@pytest.mark.parametrize("place", ["source", "function"])
async def test_errors(place: str) -> None:
    """An error while reading or computing is raised after the results before it."""

    def items() -> Iterator[int]:
        yield from range(200)
        if place == "source":
            raise BotError("unreadable")
        yield -1

    async def compute(part: list[int]) -> list[int]:
        if -1 in part:
            raise BotError("unreadable")
        return part

    results = []

    async def run() -> None:
        async for item, _ in map_in_order(compute, items()):
            results.append(item)

    with pytest.raises(BotError, match="unreadable"):
        await run()
    assert results == list(range(len(results)))
    assert place == "function" or len(results) == 200
