"""How fast the bot may go: Slack's limits for each method and workspace, and the pauses that it asks for.

Each limit is a bucket: so many calls may come at once, after that one comes each time that one is due again. Calls wait
in the order in which they came.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, in seconds, and how to wait; tests put their own in its place."""

    time: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


class Limit(NamedTuple):
    """One call each ``interval`` seconds, and ``burst`` of them at once after a quiet time."""

    interval: float
    burst: int


_TIER = {3: Limit(60 / 50, 20), 4: Limit(60 / 100, 40)}
_LIMITS = {
    "chat.postMessage": Limit(60 / 300, 20),  # "several hundred messages a minute"
    "chat.postEphemeral": _TIER[4],
    "reactions.add": _TIER[3],
    "reactions.remove": _TIER[3],
    "conversations.history": _TIER[3],
    "conversations.replies": _TIER[3],
}
"""From each method's page in Slack's documentation; of the tiers Slack says that bursts are tolerated."""

_CHANNEL = Limit(1, 3)  # posts in one channel: "one a second, short bursts tolerated"

MOST_WAITING = 1_000
"""Calls of one method that wait in one workspace; more are refused."""

_KEPT = 10_000

_Key = tuple[str | None, str, str | None]


class TooMany(Exception):  # noqa: N818 - a state of the queue
    """So many calls wait already that one more is not taken."""


class RateLimiter:
    """Lets calls go when Slack's limits let them.

    Args:
        clock: what time it is.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._full_at: dict[_Key, float] = {}  # when each bucket is full again
        self._held: dict[_Key, float] = {}
        self._waiting: Counter[_Key] = Counter()

    async def turn(self, token: str | None, method: str, channel: str | None = None) -> None:
        """Wait until ``method`` may be called in the workspace of ``token``.

        Args:
            token: the bot's token there, by which Slack tells workspaces apart.
            method: the method of the Web API.
            channel: the channel that is posted in.

        Raises:
            TooMany: too many wait already.
        """
        key: _Key = (token, method, None)
        if self._waiting[key] >= MOST_WAITING:
            raise TooMany
        self._waiting[key] += 1
        try:
            buckets = [(key, _LIMITS[method])] if method in _LIMITS else []
            if channel is not None and method == "chat.postMessage":
                buckets.append(((token, method, channel), _CHANNEL))
            while True:
                held = self._held.get(key, 0.0)
                wait = max([self._take(*bucket) for bucket in buckets] + [held - self._clock.time()])
                if wait > 0:
                    await self._clock.sleep(wait)
                if self._held.get(key, 0.0) <= held:
                    return
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]

    def hold(self, token: str | None, method: str, seconds: float) -> None:
        """Let nobody call ``method`` there for so long; those who wait go one after the other then."""
        key: _Key = (token, method, None)
        until = self._clock.time() + seconds
        self._held[key] = max(until, self._held.get(key, 0.0))
        if limit := _LIMITS.get(method):
            self._full_at[key] = max(self._full_at.get(key, 0.0), until + (limit.burst - 1) * limit.interval)

    def _take(self, key: _Key, limit: Limit) -> float:
        """Take a place in a bucket; return how many seconds to wait for it."""
        now = self._clock.time()
        if len(self._full_at) > _KEPT:
            self._full_at = {one: at for one, at in self._full_at.items() if at > now}
        full_at = max(self._full_at.get(key, now), now)
        self._full_at[key] = full_at + limit.interval
        return full_at - (limit.burst - 1) * limit.interval - now
