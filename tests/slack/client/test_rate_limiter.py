"""The rate limiter, in simulated time."""

import asyncio
import heapq
import itertools
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueueFullError
from bot.slack.client.rate_limiter import MAX_WAITING, REDUCED_HISTORY_LIMIT, RateLimiter
from bot.slack.timing import Timing

POST, HISTORY = "chat.postMessage", "conversations.history"


class SimulatedTime:
    """A clock that advances when all tasks are sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timing = Timing(lambda: self.now, self.sleep)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        """Sleep in simulated time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        await future

    async def run(self, *tasks: asyncio.Task[None]) -> None:
        """Advance the time until all ``tasks`` are done."""
        while not all(task.done() for task in tasks):
            for _ in range(10):  # until all tasks are sleeping
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
        await asyncio.gather(*tasks)


Log = list[tuple[float, str]]
"""When each call was allowed, and its key."""


def start_call(limiter: RateLimiter, time: SimulatedTime, log: Log, *key: str) -> asyncio.Task[None]:
    """Start a task that acquires the limiter for a call, and logs when that was allowed."""

    async def acquire() -> None:
        await limiter.acquire(*key)
        log.append((time.now, " ".join(key)))

    return asyncio.create_task(acquire())


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["C1", "C2"])), max_size=60))
async def test_posts(calls: list[tuple[float, str]]) -> None:
    """In any interval a channel gets at most three posts and one for each second, in their order."""
    time = SimulatedTime()
    limiter = RateLimiter(time.timing)
    posts: dict[str, list[tuple[int, float]]] = defaultdict(list)

    async def post(number: int, at: float, channel: str) -> None:
        await time.sleep(at)
        await limiter.acquire("T1", POST, channel)
        posts[channel].append((number, time.now))

    ordered = sorted(calls, key=lambda call: call[0])
    await time.run(*(asyncio.create_task(post(number, *call)) for number, call in enumerate(ordered)))
    assert sum(map(len, posts.values())) == len(calls)
    for in_channel in posts.values():
        assert [number for number, _ in in_channel] == sorted(number for number, _ in in_channel)
        times = [at for _, at in in_channel]
        for i, first in enumerate(times):
            assert all(j - i + 1 <= 3 + (times[j] - first) + 1e-6 for j in range(i, len(times)))


async def test_burst() -> None:
    """A burst of calls is allowed at once, in each channel."""
    time = SimulatedTime()
    limiter = RateLimiter(time.timing)
    for channel in ("C1", "C2"):
        for _ in range(3):
            await limiter.acquire("T1", POST, channel)
    for _ in range(20):
        await limiter.acquire("T1", HISTORY)
    assert time.now == 0


async def test_block() -> None:
    """A blocked method waits in all channels of a workspace; other methods and workspaces do not."""
    time, log = SimulatedTime(), Log()
    limiter = RateLimiter(time.timing)
    limiter.block("T1", POST, 30)
    keys = [("T1", POST, "C1"), ("T1", POST, "C2"), ("T2", POST, "C1"), ("T1", HISTORY)]
    await time.run(*(start_call(limiter, time, log, *key) for key in keys))
    assert [name for at, name in log if at == 0] == [f"T2 {POST} C1", f"T1 {HISTORY}"]
    assert sorted(name for at, name in log if at >= 30) == [f"T1 {POST} C1", f"T1 {POST} C2"]


async def test_no_burst_after_a_block() -> None:
    """Calls that waited for a block are allowed one at a time, and all of them."""
    time, log = SimulatedTime(), Log()
    limiter = RateLimiter(time.timing)
    tasks = [start_call(limiter, time, log, "T1", "reactions.add") for _ in range(40)]
    await asyncio.sleep(0)
    limiter.block("T1", "reactions.add", 60)
    await time.run(*tasks)
    times = sorted(at for at, _ in log if at > 0)
    assert times[0] >= 60
    assert all(later - sooner > 1 for sooner, later in itertools.pairwise(times))
    assert len(log) == 40


async def test_reduced_history_limit() -> None:
    """With the reduced limit, a workspace gets one call a minute of each method that returns messages."""
    time, log = SimulatedTime(), Log()
    limiter = RateLimiter(time.timing, REDUCED_HISTORY_LIMIT)
    keys = [("T1", HISTORY), ("T1", "conversations.replies"), ("T2", HISTORY)]
    await time.run(*(start_call(limiter, time, log, *key) for key in keys for _ in range(3)))
    assert sorted(log) == sorted((at, " ".join(key)) for key in keys for at in (0.0, 60.0, 120.0))


async def test_background_calls_wait_for_others() -> None:
    """A call in the background lets others of its method go first, even those that come later; none is forgotten."""
    time, log = SimulatedTime(), Log()
    limiter = RateLimiter(time.timing, REDUCED_HISTORY_LIMIT)

    async def acquire(name: str, at: float, *, background: bool) -> None:
        await time.sleep(at)
        await limiter.acquire("T1", HISTORY, background=background)
        log.append((time.now, name))

    background = [asyncio.create_task(acquire(f"page {i}", 0, background=True)) for i in range(3)]
    urgent = [asyncio.create_task(acquire(f"answer {i}", 30 + i, background=False)) for i in range(2)]
    await time.run(*background, *urgent)
    assert [(at, name.split()[0]) for at, name in log] == [
        (0.0, "page"),
        (60.0, "answer"),
        (120.0, "answer"),
        (180.0, "page"),
        (240.0, "page"),
    ]


async def test_blocked_background_calls() -> None:
    """A call in the background waits as long as Slack asks for, too."""
    time, log = SimulatedTime(), Log()
    limiter = RateLimiter(time.timing)
    limiter.block("T1", HISTORY, 30)
    task = asyncio.create_task(limiter.acquire("T1", HISTORY, background=True))
    await time.run(task, start_call(limiter, time, log, "T1", HISTORY))
    assert log == [(30.0, f"T1 {HISTORY}")]
    assert time.now == pytest.approx(31.2)


async def test_full_queue() -> None:
    """Above the limit of waiting calls there is an error; a cancelled call makes room."""
    time, log = SimulatedTime(), Log()
    limiter = RateLimiter(time.timing)
    key = ("T1", POST, "C1")
    tasks = [start_call(limiter, time, log, *key) for _ in range(3 + MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFullError):
        await limiter.acquire(*key)
    tasks.pop().cancel()
    await asyncio.sleep(0)
    tasks.append(start_call(limiter, time, log, *key))
    await time.run(*tasks)
    assert len(log) == 3 + MAX_WAITING


async def test_state_of_old_tokens() -> None:
    """What the limiter knows about a token is dropped once it delays nothing."""
    time = SimulatedTime()
    limiter = RateLimiter(time.timing)
    for i in range(100):
        await limiter.acquire(f"xoxb-{i}", POST, "C1")
        limiter.block(f"xoxb-{i}", POST, 30)
    time.now = 10_000.0
    await limiter.acquire("xoxb-new", POST, "C1")
    state = repr(vars(limiter))
    assert "xoxb-new" in state
    assert "xoxb-1'" not in state
