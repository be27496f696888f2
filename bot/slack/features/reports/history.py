"""Reading of a channel's history for a report."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import HistoryTooLongError
from bot.reports.counter import ReportCounter
from bot.reports.report import Report
from bot.reports.windows import Window
from bot.sentiment.text import has_no_content
from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import Reply
from bot.slack.client.executor import Response
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.reports import blocks, history_notes
from bot.slack.features.reports.threads import MAX_THREADS, ThreadSample, fetch_replies
from bot.slack.parsing.events import PostedMessage
from bot.slack.parsing.mentions import mentions
from bot.slack.parsing.mrkdwn import plain_text, plain_text_without_references
from bot.store import optouts
from bot.store.channels import history_reads
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import Database

HOLD_SECONDS = 120.0
"""For how long no other process resumes a history after a page was read; Slack may delay a page by a minute."""

_REDUCED_HOLD_SECONDS = 900.0  # likewise, if Slack allows one page a minute, and others may come first
_MAX_REDUCED_PAGES = 10  # pages to read then; ten minutes

_PAGE = 999  # messages, the most that Slack returns
_BATCH = 64  # messages that a thread parses or counts at a time
_MAX_CONCURRENT = 2  # histories; each brings the engine some thousand messages
_THREADS_AT_ONCE = 5

_MessageText = tuple[PostedMessage, str]  # with its plain text

OnProgress = Callable[[Reply], Awaitable[None]]
"""Takes what to show about the progress."""


def hold_seconds(slack: SlackClient) -> float:
    """Return for how long no other process resumes a history after a page was read."""
    return _REDUCED_HOLD_SECONDS if slack.history.is_reduced else HOLD_SECONDS


class HistoryReader:
    """Reads histories page by page, after all messages that somebody is waiting for."""

    def __init__(self, analyzer: Analyzer, database: Database, clock: Callable[[], float]) -> None:
        self._analyzer = analyzer
        self._database = database
        self._clock = clock
        self._semaphore = asyncio.Semaphore(_MAX_CONCURRENT)

    async def read(
        self, slack: SlackClient, read: HistoryRead, on_progress: OnProgress
    ) -> tuple[Report, Sequence[str]] | None:
        """Read what is left of a history: the channel, then its threads. Return the report, and notes on it.

        Returns None if it has been stopped. Raises SlackError if Slack does not return it; the progress is stored.
        Raises HistoryTooLongError if that would take too long, once the newest messages have shown it.
        """
        window = Window.ending(datetime.fromtimestamp(read.until, UTC), read.window, ZoneInfo(read.timezone))
        reduced = slack.history.is_reduced
        counter = _HistoryCounter(window, ThreadSample(0 if reduced else MAX_THREADS), read.counts)
        since = window.previous().edges[0]
        # A slow reading brings the engine little, and must not delay other workspaces.
        async with nullcontext() if reduced else self._semaphore:
            end = read if counter.channel_read else await self._read_channel(slack, read, since, counter, on_progress)
        if end is None or not await self._read_threads(slack, end, counter, on_progress):
            return None
        note = history_notes.from_history(window.local(since), counter.threads.replies_left_out, reduced=reduced)
        notes = [note, *([history_notes.INTERRUPTED] if read.counts else [])]
        return await asyncio.to_thread(counter.counts.report, self._analyzer.labels), notes

    async def _read_channel(
        self,
        slack: SlackClient,
        read: HistoryRead,
        since: datetime,
        counter: "_HistoryCounter",
        on_progress: OnProgress,
    ) -> HistoryRead | None:
        """Count the messages of the channel, and note its threads; return where it ends, or None if it was stopped."""
        started_from, pages, oldest = float(read.read_to or read.until), 0, since.timestamp() - 1e-6
        next_page = asyncio.create_task(self._fetch(slack, read, oldest))
        try:
            while not counter.channel_read:
                page = (await next_page).data
                messages = page.get("messages") or []
                if messages:
                    read = replace(read, read_to=str(messages[-1]["ts"]))
                has_more, pages = bool(page.get("has_more") and messages), pages + 1
                if has_more and slack.history.is_reduced:
                    await self._check_length(slack, read, oldest, pages, started_from)
                if has_more:  # fetched while this one is classified
                    next_page = asyncio.create_task(self._fetch(slack, read, oldest))
                await self._count(counter, read, messages, slack.bot_user_id)
                for message in messages:
                    counter.threads.add(message, slack.bot_user_id)
                counter.channel_read = not has_more
                if not await self._save(slack, read, counter):
                    return None
                if has_more:
                    back_to = datetime.fromtimestamp(float(read.read_to), UTC)
                    await on_progress(blocks.progress(read.channel, counter.messages, back_to))
        finally:
            next_page.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await next_page
        return read

    async def _read_threads(
        self, slack: SlackClient, read: HistoryRead, counter: "_HistoryCounter", on_progress: OnProgress
    ) -> bool:
        """Count the replies in the threads; return False if the read has been stopped."""
        while counter.threads:
            await on_progress(history_notes.thread_progress(read.channel, counter.messages, len(counter.threads)))
            threads = counter.threads.take(_THREADS_AT_ONCE)
            replies = await asyncio.gather(*(fetch_replies(slack, read, ts) for ts in threads))
            await self._count(counter, read, [reply for thread in replies for reply in thread], slack.bot_user_id)
            if not await self._save(slack, read, counter):
                return False
        return True

    async def _save(self, slack: SlackClient, read: HistoryRead, counter: "_HistoryCounter") -> bool:
        """Store the progress, and extend the lease; return False if the read has been stopped."""
        read, lease_until = replace(read, counts=counter.state()), self._clock() + hold_seconds(slack)
        return await self._database.run(history_reads.save_progress, read, lease_until)

    async def _fetch(self, slack: SlackClient, read: HistoryRead, oldest: float, latest: str | None = None) -> Response:
        """Fetch the page of messages before those that have been read, or before ``latest``."""
        between = {"latest": latest or read.read_to or f"{read.until:.6f}", "oldest": f"{oldest:.6f}"}
        return await slack.read("conversations.history", channel=read.channel, **between, limit=_PAGE, background=True)

    async def _check_length(
        self, slack: SlackClient, read: HistoryRead, oldest: float, pages: int, started_from: float
    ) -> None:
        """Raise HistoryTooLongError if what is left, back to ``oldest``, would take too long.

        How many pages are left is estimated from the time that those read, back from ``started_from``, cover. The first
        one may be a burst of messages, so a page from the middle of what is left counts, too.
        """
        position = float(read.read_to)
        covered, left = started_from - position, position - oldest
        if pages == 1 and left > _MAX_REDUCED_PAGES * covered:
            middle = position - left / 2
            page = (await self._fetch(slack, read, oldest, f"{middle:.6f}")).data
            end = float(page["messages"][-1]["ts"]) if page.get("has_more") else oldest
            pages, covered = 2, covered + middle - end
        elif pages < _MAX_REDUCED_PAGES:
            return
        if left * pages > _MAX_REDUCED_PAGES * covered:
            raise HistoryTooLongError(left * pages / max(covered, 1.0) * slack.history.rate.interval)

    async def _count(
        self, counter: "_HistoryCounter", read: HistoryRead, page: Sequence[dict[str, Any]], bot_user_id: str
    ) -> None:
        """Classify and count the messages of a page."""
        opted_out = await self._database.run(optouts.opted_out_users, read.team)
        # A batch at a time in a thread: a page of long messages takes seconds, and other tasks go on meanwhile.
        batches = [
            await asyncio.to_thread(_texts, read, page[i : i + _BATCH], opted_out, bot_user_id)
            for i in range(0, len(page), _BATCH)
        ]
        messages = [message for batch in batches for message in batch]
        sentiments = await self._analyzer.classify_in_background([text for _, text in messages])
        for i in range(0, len(messages), _BATCH):
            await asyncio.to_thread(counter.add, messages[i : i + _BATCH], sentiments[i : i + _BATCH])
        counter.messages += len(page)


def _texts(
    read: HistoryRead, messages: Sequence[dict[str, Any]], opted_out: Collection[str], bot_user_id: str
) -> Sequence[_MessageText]:
    """Return the messages that count, with their plain texts."""
    posted = (PostedMessage.parse(read.team, read.channel, message) for message in messages)
    wanted = [
        message
        for message in posted
        if message and message.user not in opted_out and not mentions(message.text, bot_user_id)
    ]
    with_text = ((message, plain_text(message.text)) for message in wanted)
    return [(message, text) for message, text in with_text if not has_no_content(text)]


class _HistoryCounter:
    """Counts the messages of a history, perhaps from the state of an interrupted counter."""

    def __init__(self, window: Window, threads: ThreadSample, state: str) -> None:
        self.counts = ReportCounter(window)
        self.threads = threads
        self.channel_read = False
        self._key, self.messages = token_hex(16), 0
        if state:
            stored = json.loads(state)
            self._key, self.messages = stored["key"], stored["messages"]
            self.channel_read = stored.get("channel_read", False)
            self.counts.restore(stored)
            self.threads.restore(stored)

    def add(self, messages: Sequence[_MessageText], sentiments: Sequence[Sentiment | None]) -> None:
        """Count messages, except for those without a sentiment."""
        for (message, _), sentiment in zip(messages, sentiments, strict=True):
            if sentiment is not None:
                author = blake2b(message.user.encode(), key=bytes.fromhex(self._key), digest_size=6).digest()
                words = plain_text_without_references(message.text)
                self.counts.add(message.time, sentiment.label, int.from_bytes(author), words)

    def state(self) -> str:
        """Return everything but the words, to resume from."""
        position = {"key": self._key, "messages": self.messages, "channel_read": self.channel_read}
        return json.dumps({**position, **self.threads.state(), **self.counts.state()})
