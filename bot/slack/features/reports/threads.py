"""The threads whose replies are read for a report from a channel's history."""

import heapq
from collections.abc import Mapping
from secrets import randbits
from typing import Any

from bot.errors import SlackCallError
from bot.slack.client.slack_client import SlackClient
from bot.store.channels.history_reads import HistoryRead

MAX_THREADS = 500
"""Threads that are read for a report: Slack returns fifty a minute."""

_PAGE = 999  # messages, the most that Slack returns

_RankedThread = tuple[int, str, int]  # a random number, the ts of the thread, and its number of replies


class ThreadSample:
    """The threads that are left to read, at most ``limit`` of those that were added, with the replies left out.

    Which ones is decided by chance: the newest ones would change how a window compares with the one before it.
    """

    def __init__(self, limit: int) -> None:
        self.replies_left_out = 0
        self._limit = limit
        self._heap: list[_RankedThread] = []

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, message: Mapping[str, Any], bot_user_id: str) -> None:
        """Add the thread of a message of a channel, if it has replies, other than the bot's alone."""
        ts, replies = message.get("ts"), message.get("reply_count")
        if not isinstance(ts, str) or not isinstance(replies, int) or replies <= 0:
            return
        if message.get("reply_users") != [bot_user_id]:
            heapq.heappush(self._heap, (randbits(32), ts, replies))
            if len(self._heap) > self._limit:
                self.replies_left_out += heapq.heappop(self._heap)[2]

    def take(self, count: int) -> list[str]:
        """Remove at most ``count`` threads, and return their ts."""
        return [heapq.heappop(self._heap)[1] for _ in range(min(count, len(self._heap)))]

    def state(self) -> dict[str, Any]:
        """Return the threads in a form that JSON can represent."""
        return {"threads": self._heap, "replies_left_out": self.replies_left_out}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state` returned; earlier versions stored no threads."""
        self._heap = [(int(rank), str(ts), int(replies)) for rank, ts, replies in state.get("threads", [])]
        self.replies_left_out = int(state.get("replies_left_out", 0))


async def fetch_replies(slack: SlackClient, read: HistoryRead, ts: str) -> list[dict[str, Any]]:
    """Fetch the replies of a thread that are not in the channel, too; none if it was deleted meanwhile."""
    arguments = {"channel": read.channel, "ts": ts, "latest": f"{read.until:.6f}", "limit": _PAGE}
    try:
        pages = [page.data async for page in slack.pages("conversations.replies", **arguments, background=True)]
    except SlackCallError as error:
        if error.code != "thread_not_found":
            raise
        return []
    messages = (message for page in pages for message in page["messages"])
    return [one for one in messages if one.get("ts") != ts and one.get("subtype") != "thread_broadcast"]
