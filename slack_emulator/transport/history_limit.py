"""Slack's limit of `conversations.history` and `.replies` for apps distributed commercially outside the Marketplace."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

METHODS = ("conversations.history", "conversations.replies")


@dataclass
class HistoryLimit:
    """One call of each method in an interval, and few messages in a page.

    Attributes:
        seconds: The interval between two calls of a method.
        messages: The most messages in a page.
        clock: Returns the seconds of a clock, which a test can make faster.
    """

    seconds: float = 60
    messages: int = 15
    clock: Callable[[], float] = time.monotonic
    _allowed_at: dict[str, float] = field(default_factory=dict)

    def retry_after(self, method: str) -> int | None:
        """Return for how many whole seconds a call has to wait; None if it is allowed, which counts it."""
        if method not in METHODS:
            return None
        now = self.clock()
        if (wait := self._allowed_at.get(method, now) - now) > 0:
            return math.ceil(wait)
        self._allowed_at[method] = now + self.seconds
        return None
