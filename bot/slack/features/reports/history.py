"""Reading a channel's history for a report: page by page, judged behind all that somebody waits for."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import QueueFullError
from bot.reports.counter import WindowCounter
from bot.reports.report import Report, build_report
from bot.reports.windows import Window
from bot.reports.words import WordCounter
from bot.sentiment.text import has_no_content
from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Analyzer
from bot.slack.client.rate_limiter import RateLimiter
from bot.slack.parsing.events import Post
from bot.slack.parsing.mrkdwn import plain_text, plain_text_without_references
from bot.store import optouts
from bot.store.channels import history_reads
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import Database

HELD_SECONDS = 120.0
"""So long nobody else goes on with a reading after a page of it; Slack lets the bot wait a minute for one."""

_PAGE = 999  # messages; the most that Slack gives at once
_TOGETHER = 64  # messages of one call to the engine
_BUSY_SECONDS = 1.0

Progress = Callable[[int, datetime], Awaitable[None]]
"""Is told how many messages were read, and back to when."""


@dataclass(frozen=True, slots=True)
class _Page:
    messages: Sequence[dict[str, Any]]
    more: bool


class History:
    """Reads histories.

    Args:
        judge: judges the messages.
        database: keeps how far each is, and knows who has opted out.
        pace: how fast Slack lets the bot read.
        clock: gives the seconds since 1970, for how long a reading is held.
    """

    def __init__(self, judge: Analyzer, database: Database, pace: RateLimiter, clock: Callable[[], float]) -> None:
        self._judge = judge
        self._database = database
        self._pace = pace
        self._clock = clock

    async def read(self, client: AsyncWebClient, reading: HistoryRead, progress: Progress) -> Report:
        """Read what is left of a history, and say what it comes to.

        Replies in threads are not in a channel's history, and not read.

        Raises:
            SlackApiError, aiohttp.ClientError, TimeoutError: Slack does not give it. What was read is kept.
        """
        until = datetime.fromtimestamp(reading.until, UTC)
        window = Window.ending(until, reading.window, ZoneInfo(reading.timezone))
        work = _Work(window, reading.counts)
        oldest = f"{window.previous().edges[0].timestamp() - 1e-6:.6f}"
        bot = str((await client.auth_test()).get("user_id"))
        coming = asyncio.create_task(self._page(client, reading, oldest))
        try:
            while True:
                page = await coming
                if page.messages:
                    reading = replace(reading, read_to=str(page.messages[-1]["ts"]))
                if page.more:  # while this one is judged
                    coming = asyncio.create_task(self._page(client, reading, oldest))
                await self._judged(work, reading, page, bot)
                reading = replace(reading, counts=work.written())
                await self._database.run(history_reads.save_progress, reading, self._clock() + HELD_SECONDS)
                if not page.more:
                    break
                await progress(work.messages, datetime.fromtimestamp(float(reading.read_to), UTC))
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await coming
        return work.report(self._judge.labels)

    async def _judged(self, work: "_Work", reading: HistoryRead, page: _Page, bot: str) -> None:
        """Judge and count the messages of a page."""
        out = await self._database.run(optouts.opted_out_users, reading.team)
        found = (Post.in_history(reading.team, reading.channel, message) for message in page.messages)
        posts = [post for post in found if post and post.user not in out and f"<@{bot}" not in post.text]
        texts = [plain_text(post.text) for post in posts]
        wanted = [(post, text) for post, text in zip(posts, texts, strict=True) if not has_no_content(text)]
        texts = [text for _, text in wanted]
        parts = [texts[i : i + _TOGETHER] for i in range(0, len(texts), _TOGETHER)]
        results = await asyncio.gather(*(self._results(part) for part in parts))
        for (post, text), sentiment in zip(wanted, (one for part in results for one in part), strict=True):
            if sentiment is not None:
                work.add(post, text, sentiment)
        work.messages += len(page.messages)

    async def _page(self, client: AsyncWebClient, reading: HistoryRead, oldest: str) -> _Page:
        """Fetch the page of messages that come before what was read."""
        latest = reading.read_to or f"{reading.until:.6f}"
        await self._pace.turn(client.token, "conversations.history")
        answer = await client.conversations_history(channel=reading.channel, latest=latest, oldest=oldest, limit=_PAGE)
        messages = answer.get("messages") or []
        return _Page(messages, bool(answer.get("has_more") and messages))

    async def _results(self, texts: Sequence[str]) -> Sequence[Sentiment | None]:
        while True:
            try:
                return await self._judge.read_later(texts)
            except QueueFullError:
                await asyncio.sleep(_BUSY_SECONDS)


class _Work:
    """What was counted so far of a window and the one before.

    Args:
        window: the window.
        written: what :meth:`written` returned before an interruption; empty if there was none.
    """

    def __init__(self, window: Window, written: str) -> None:
        self._window = window
        self._now, self._before = (WindowCounter(one, authors_known=True) for one in (window, window.previous()))
        # Words are text, which is never kept: after an interruption there are none.
        self._words = None if written else WordCounter()
        self._key, self.messages = token_hex(16), 0
        if written:
            state = json.loads(written)
            self._key, self.messages = state["key"], state["messages"]
            self._now.restore(state["now"])
            self._before.restore(state["before"])

    def add(self, post: Post, text: str, sentiment: Sentiment) -> None:
        """Count a message."""
        hashed = blake2b(post.user.encode(), key=bytes.fromhex(self._key), digest_size=6)
        person = int.from_bytes(hashed.digest())
        self._now.add(post.time, sentiment.label, person)
        self._before.add(post.time, sentiment.label, person)
        if self._words is not None and post.time >= self._window.edges[0]:
            own = plain_text_without_references(post.text) if "<" in post.text else text
            self._words.add(own, sentiment.label, person)

    def written(self) -> str:
        """Return all but the words, to go on from."""
        state = {"key": self._key, "messages": self.messages}
        return json.dumps({**state, "now": self._now.state(), "before": self._before.state()})

    def report(self, labels: Sequence[str]) -> Report:
        """Say what it comes to."""
        moods = [label for label in labels if label != "NEUTRAL"]
        words = self._words.keywords(moods) if self._words else []
        return build_report(self._now.result(), self._before.result(), labels, words)
