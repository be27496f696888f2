"""Reading of what was written in a conversation, page by page, for catch-up."""

import math
import time
from typing import Any

from bot.slack.client.slack_client import SlackClient
from bot.slack.parsing.events import parse_ts

CLOCK_SKEW = 60.0
"""Seconds by which Slack's clock may be ahead."""


class PageReader:
    """Reads the pages of one conversation, at most ``limit``.

    Attributes:
        used: how many pages were read.
        complete: whether all that was missed was read.
    """

    def __init__(self, slack: SlackClient, limit: float = math.inf) -> None:
        self.slack = slack
        self.limit = limit
        self.used = 0
        self.complete = True

    async def history(self, channel: str, start: float, since: float) -> list[dict[str, Any]]:
        """Return the messages of a channel since ``start``; with a limit, the newest ones, back to about ``since``."""
        limited = self.limit < math.inf
        latest = {"latest": f"{time.time() + CLOCK_SKEW:.6f}"} if limited else {}  # so that the newest come first
        arguments = {"channel": channel, "oldest": f"{start:.6f}", **latest}
        return await self._read("conversations.history", arguments, since if limited else start)

    async def replies(self, channel: str, ts: str, since: float) -> list[dict[str, Any]]:
        """Return the replies to a message since ``since``, perhaps with the message itself."""
        return await self._read("conversations.replies", {"channel": channel, "ts": ts, "oldest": f"{since:.6f}"})

    async def _read(self, method: str, arguments: dict[str, str], back_to: float = 0.0) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        if self.used >= self.limit:
            self.complete = False
            return messages
        async for page in self.slack.pages(method, **arguments, background=True):
            self.used += 1
            messages += page.data["messages"]
            if not (page.data.get("response_metadata") or {}).get("next_cursor"):
                break
            if messages and (parse_ts(messages[-1].get("ts")) or 0) <= back_to:
                break
            if self.used >= self.limit:
                self.complete = False
                break
        return messages
