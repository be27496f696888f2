"""Slack's limits are kept, whatever is asked for, and nobody waits who need not; all in simulated time."""

import asyncio
import heapq
import itertools
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueueFullError
from bot.slack.client.rate_limiter import MAX_WAITING, RateLimiter
from bot.slack.timing import Timing

POST, HISTORY = "chat.postMessage", "conversations.history"


class Simulated:
    """A clock that moves on when everybody waits for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = Timing(lambda: self.now, self.sleep)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        """Wait until the simulated time has come."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        await future

    async def run(self, *tasks: asyncio.Task[None]) -> None:
        """Let time pass until all ``tasks`` are done."""
        while not all(task.done() for task in tasks):
            for _ in range(10):  # until whoever can go on has
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
        await asyncio.gather(*tasks)


Went = list[tuple[float, str]]


def go(pace: RateLimiter, time: Simulated, went: Went, *key: str) -> asyncio.Task[None]:
    """Wait for a turn, and write down when it came."""

    async def turn() -> None:
        await pace.acquire(*key)
        went.append((time.now, " ".join(key)))

    return asyncio.create_task(turn())


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["C1", "C2"])), max_size=60))
async def test_about_one_post_a_second(asks: list[tuple[float, str]]) -> None:
    """In no stretch of time does a channel get more than three posts and one for each second, in the order asked."""
    time = Simulated()
    pace = RateLimiter(time.clock)
    went: dict[str, list[tuple[int, float]]] = defaultdict(list)

    async def post(number: int, at: float, channel: str) -> None:
        await time.sleep(at)
        await pace.acquire("T1", POST, channel)
        went[channel].append((number, time.now))

    ordered = sorted(asks, key=lambda ask: ask[0])
    await time.run(*(asyncio.create_task(post(number, *ask)) for number, ask in enumerate(ordered)))
    assert sum(map(len, went.values())) == len(asks)
    for posts in went.values():
        assert [number for number, _ in posts] == sorted(number for number, _ in posts)
        times = [at for _, at in posts]
        for i, first in enumerate(times):
            assert all(j - i + 1 <= 3 + (times[j] - first) + 1e-6 for j in range(i, len(times)))


async def test_who_is_first_does_not_wait() -> None:
    """What comes after a pause goes at once, in every channel."""
    time = Simulated()
    pace = RateLimiter(time.clock)
    for channel in ("C1", "C2"):
        for _ in range(3):
            await pace.acquire("T1", POST, channel)
    for _ in range(20):
        await pace.acquire("T1", HISTORY)
    assert time.now == 0


async def test_a_hold_is_of_one_method_in_one_workspace() -> None:
    """What Slack throttles waits for as long as Slack says, in all channels; all else goes on."""
    time, went = Simulated(), Went()
    pace = RateLimiter(time.clock)
    pace.block("T1", POST, 30)
    keys = [("T1", POST, "C1"), ("T1", POST, "C2"), ("T2", POST, "C1"), ("T1", HISTORY)]
    await time.run(*(go(pace, time, went, *key) for key in keys))
    assert [name for at, name in went if at == 0] == [f"T2 {POST} C1", f"T1 {HISTORY}"]
    assert sorted(name for at, name in went if at >= 30) == [f"T1 {POST} C1", f"T1 {POST} C2"]


async def test_after_a_hold_one_goes_after_the_other() -> None:
    """Who waited while Slack asked for a pause does not come all at once behind it, and nobody is forgotten."""
    time, went = Simulated(), Went()
    pace = RateLimiter(time.clock)
    tasks = [go(pace, time, went, "T1", "reactions.add") for _ in range(40)]
    await asyncio.sleep(0)
    pace.block("T1", "reactions.add", 60)
    await time.run(*tasks)
    times = sorted(at for at, _ in went if at > 0)
    assert times[0] >= 60
    assert all(later - sooner > 1 for sooner, later in itertools.pairwise(times))
    assert len(went) == 40


async def test_a_backlog_has_an_end() -> None:
    """Beyond it callers are told, and can leave what they want to later; who gives up makes room."""
    time, went = Simulated(), Went()
    pace = RateLimiter(time.clock)
    key = ("T1", POST, "C1")
    tasks = [go(pace, time, went, *key) for _ in range(3 + MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFullError):
        await pace.acquire(*key)
    tasks.pop().cancel()
    await asyncio.sleep(0)
    tasks.append(go(pace, time, went, *key))
    await time.run(*tasks)
    assert len(went) == 3 + MAX_WAITING
