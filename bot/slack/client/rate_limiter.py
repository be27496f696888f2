"""Slack's rate limits, for each method and workspace.

Each limit is a token bucket: a burst of calls may be made at once, and further ones at a fixed interval, in the order
in which they arrived. Calls in the background come after all others.
"""

from collections import Counter
from typing import NamedTuple

from bot.errors import QueueFullError
from bot.slack.timing import Timing


class Limit(NamedTuple):
    """One call every ``interval`` seconds, after a burst of ``burst`` calls."""

    interval: float
    burst: int


class HistoryLimit(NamedTuple):
    """The limit of the methods that return messages, and how many messages they return at most."""

    rate: Limit
    messages: int

    @property
    def is_reduced(self) -> bool:
        """Whether it is that of an app which is distributed commercially outside Slack's Marketplace."""
        return self is REDUCED_HISTORY_LIMIT


HISTORY_METHODS = ("conversations.history", "conversations.replies")
HISTORY_LIMIT = HistoryLimit(Limit(60 / 50, 20), 999)
REDUCED_HISTORY_LIMIT = HistoryLimit(Limit(60.0, 1), 15)

_TIER = {3: Limit(60 / 50, 20), 4: Limit(60 / 100, 40)}
_LIMITS = {
    "chat.postMessage": Limit(60 / 300, 20),  # "several hundred messages per minute"
    "chat.postEphemeral": _TIER[4],
    "reactions.add": _TIER[3],
    "reactions.remove": _TIER[3],
}
"""From each method's page in Slack's documentation. Slack tolerates bursts, but does not say how large."""

_CHANNEL_LIMIT = Limit(1, 3)  # posts to one channel: one per second, short bursts tolerated

MAX_WAITING = 1_000
"""Calls of one method that may wait in one workspace."""

_CLEAN_UP_SECONDS = 60.0

_Key = tuple[str | None, str, str | None]  # token, method, channel


class RateLimiter:
    """Delays calls until Slack's limits allow them."""

    def __init__(self, timing: Timing, history: HistoryLimit = HISTORY_LIMIT) -> None:
        self._timing = timing
        self._limits = _LIMITS | dict.fromkeys(HISTORY_METHODS, history.rate)
        self._full_at: dict[_Key, float] = {}  # when each bucket is full again
        self._blocked_until: dict[_Key, float] = {}
        self._waiting: Counter[_Key] = Counter()
        self._clean_up_at = timing.monotonic()

    async def acquire(
        self, token: str | None, method: str, channel: str | None = None, *, background: bool = False
    ) -> None:
        """Wait until ``method`` may be called in the workspace of ``token``; ``channel`` is the one posted to, if any.

        A call in the ``background`` lets every other one of this method go first, whenever it arrives. Raises
        QueueFullError if too many calls are waiting.
        """
        self._clean_up()
        key: _Key = (token, method, None)
        if self._waiting[key] >= MAX_WAITING:
            raise QueueFullError(f"{MAX_WAITING} calls of {method} are waiting. Try again later.")
        self._waiting[key] += 1
        try:
            buckets = [(key, self._limits[method])] if method in self._limits else []
            if channel is not None and method == "chat.postMessage":
                buckets.append(((token, method, channel), _CHANNEL_LIMIT))
            while background and (wait := max([self._wait(*bucket) for bucket in buckets] + [0.0])) > 0:
                await self._timing.sleep(wait)
            while True:
                blocked_until = self._blocked_until.get(key, 0.0)
                wait = max([self._reserve(*bucket) for bucket in buckets] + [blocked_until - self._timing.monotonic()])
                if wait > 0:
                    await self._timing.sleep(wait)
                if self._blocked_until.get(key, 0.0) <= blocked_until:  # not blocked again meanwhile
                    return
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]

    def block(self, token: str | None, method: str, seconds: float) -> None:
        """Delay all calls of ``method`` in a workspace by ``seconds``; then methods with a limit have no burst."""
        key: _Key = (token, method, None)
        until = self._timing.monotonic() + seconds
        self._blocked_until[key] = max(until, self._blocked_until.get(key, 0.0))
        if limit := self._limits.get(method):
            self._full_at[key] = max(self._full_at.get(key, 0.0), until + (limit.burst - 1) * limit.interval)

    def blocked_for(self, token: str | None, method: str) -> float:
        """Return for how many seconds ``method`` is still blocked in a workspace."""
        return max(self._blocked_until.get((token, method, None), 0.0) - self._timing.monotonic(), 0.0)

    def _reserve(self, key: _Key, limit: Limit) -> float:
        """Take a token from a bucket, and return how many seconds to wait for it."""
        wait = self._wait(key, limit)
        now = self._timing.monotonic()
        self._full_at[key] = max(self._full_at.get(key, now), now) + limit.interval
        return wait

    def _wait(self, key: _Key, limit: Limit) -> float:
        """Return how many seconds the next token of a bucket is away; not above 0 if there is one now."""
        now = self._timing.monotonic()
        return max(self._full_at.get(key, now), now) - (limit.burst - 1) * limit.interval - now

    def _clean_up(self) -> None:
        """Drop what does not delay calls any more, since tokens and channels change."""
        now = self._timing.monotonic()
        if now >= self._clean_up_at:
            self._clean_up_at = now + _CLEAN_UP_SECONDS
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
            self._blocked_until = {key: at for key, at in self._blocked_until.items() if at > now}
