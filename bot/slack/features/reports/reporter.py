"""Reports: the mood of a channel, told to who asked, to a channel, or in an App Home."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.reports import chart, text
from bot.reports.from_counts import window_counts
from bot.reports.report import Report, build_report
from bot.reports.windows import Window
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import Reply, note
from bot.slack.client.calls import Unsent
from bot.slack.client.channels import fetch_member_channels
from bot.slack.client.failures import error_code, log_failure
from bot.slack.client.rate_limiter import RateLimiter
from bot.slack.client.sender import Claim, NoCharts, Sender
from bot.slack.features.reports.blocks import NO_PICTURE, mood
from bot.slack.features.reports.history import HELD_SECONDS, History
from bot.slack.transport.manifest import COMMAND
from bot.store.channels import counts, digests, history_reads, watches
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import Database

FROM_HISTORY = "24h"
"""The window that is always read from history: of its hours it is not kept how many people wrote."""

_AGAIN_SECONDS = 60.0  # after which a reading that failed is tried again
_PATIENCE_SECONDS = 24 * 60 * 60.0  # after which it is given up
_READINGS = 2  # at once; each brings the engine some thousand messages
_UNSEEN = {"not_in_channel", "channel_not_found", "missing_scope"}

ALREADY_READING = note("I am at it: that report is on its way, in our direct message.")
CANNOT_WRITE = note("I could not write to you directly. May apps send you messages?")
CANNOT_READ = note("I could not read that channel's history. Are we both still in the channel?")
HISTORY_NOTE = "Read from Slack's history, without replies in threads. I kept none of it."
COUNTED_NOTE = f"I count, and keep no text and not who wrote. `{COMMAND} optout`, and you are not counted."

Draw = Callable[..., Reply]


class Reporter:
    """Makes reports.

    Args:
        judge: judges the messages of histories.
        sender: writes the reports.
        database: keeps the counts, and how far histories are read.
        pace: how fast Slack lets the bot read.
        clock: gives the seconds since 1970.
    """

    def __init__(
        self, judge: Analyzer, sender: Sender, database: Database, pace: RateLimiter, clock: Callable[[], float]
    ) -> None:
        self._judge = judge
        self._sender = sender
        self._database = database
        self._clock = clock
        self._history = History(judge, database, pace, clock)
        self._room = asyncio.Semaphore(_READINGS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._without_charts: set[str] = set()

    async def ask(
        self, client: AsyncWebClient, team: str, user: str, channel: str, name: str, now: datetime
    ) -> tuple[str, str] | Reply:
        """Write ``user`` the report of a channel that they and the bot are in.

        Args:
            client: speaks to their workspace.
            team: the workspace.
            user: who asks.
            channel: the channel.
            name: of the window.
            now: by Slack's clock.

        Returns:
            Where the report stands, or will; or why there is none.
        """
        zone = await self._database.run(digests.timezone_of, team, channel)
        if made := await self._from_counts(team, channel, name, zone, now):
            draw = partial(mood, made, channel, notes=[COUNTED_NOTE], share=True)
            return await self.show(client, team, user, None, made, draw) or CANNOT_WRITE
        place = await self._sender.write(client, user, _progress(channel, 0, now))
        if place is None:
            return CANNOT_WRITE
        reading = HistoryRead(team, channel, user, name, now.timestamp(), zone, *place, self._clock())
        if not await self._database.run(history_reads.add, reading, self._clock() + HELD_SECONDS):
            await self._sender.write(client, place[0], ALREADY_READING, place[1])
            return ALREADY_READING
        self.go_on(client, reading)
        return place

    async def kept(self, team: str, channel: str, window: Window) -> Report:
        """Return what can be said of a window from what was counted."""
        first, end = window.previous().edges[0], window.edges[-1]
        hours, days = await self._database.run(counts.read, team, channel, self._judge.model, first, end)
        start = window.edges[0]
        parts = [
            window_counts(part, hours, [day for day in days if (day.midpoint >= start) == now])
            for part, now in ((window, True), (window.previous(), False))
        ]
        return build_report(parts[0], parts[1], self._judge.labels)

    async def last_week(self, team: str, channels: Sequence[str], now: datetime) -> Mapping[str, Report]:
        """Return what can be said of the last seven days of each of ``channels``."""
        zones = {one: ZoneInfo(await self._database.run(digests.timezone_of, team, one)) for one in channels}
        return {one: await self.kept(team, one, Window.ending(now, "7d", zones[one])) for one in channels}

    async def show(
        self,
        client: AsyncWebClient,
        team: str,
        place: str,
        ts: str | None,
        made: Report,
        draw: Draw,
        claim: Claim | None = None,
    ) -> tuple[str, str] | None:
        """Write a report as Slack can show it here: with its chart, or a picture beneath.

        Args:
            client: speaks to the workspace.
            team: the workspace.
            place: the channel to write to, or a user.
            ts: the message to put it in place of; None for a new one.
            made: the report.
            draw: draws it; told ``chart=False`` where Slack draws none.
            claim: of a new message, which then is not posted where it stands already.

        Returns:
            Where it stands; None if Slack does not take it.

        Raises:
            Unsent: Slack cannot be reached, or not just now.
        """
        if team not in self._without_charts:
            try:
                return await self._sender.write(client, place, draw(), ts, claim)
            except NoCharts:
                self._without_charts.add(team)
        reply = draw(chart=False)
        if len(made.trend) < 2:  # nothing to draw
            return await self._sender.write(client, place, reply, ts, claim)
        png = await asyncio.to_thread(_png, made)
        if png is None:
            reply = Reply(reply.text, [*reply.blocks, *note(NO_PICTURE).blocks])
        written = await self._sender.write(client, place, reply, ts, claim)
        if written and png:
            alternative = text.alt_text(made, "the channel")
            await self._sender.upload(client, written[0], png, f"Mood, {text.period_text(made.window)}", alternative)
        return written

    def go_on(self, client: AsyncWebClient, reading: HistoryRead) -> None:
        """Read the rest of a history behind everything else, and write the report."""
        task = asyncio.create_task(self._read(client, reading))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Leave off reading; who comes next goes on where it was."""
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _from_counts(self, team: str, channel: str, name: str, zone: str, now: datetime) -> Report | None:
        """Return the report of a channel that was watched long enough; None where its history has to be read."""
        if name == FROM_HISTORY or await self._database.run(watches.get, team, channel) is None:
            return None
        window = Window.ending(now, name, ZoneInfo(zone))
        since = await self._database.run(counts.first_hour, team, channel, self._judge.model)
        return await self.kept(team, channel, window) if since and since <= window.edges[0] else None

    async def _read(self, client: AsyncWebClient, reading: HistoryRead) -> None:
        """Read a history, and write what it comes to in place of how far it was."""
        ids = {"channel": reading.channel, "user": reading.user}

        async def progress(messages: int, back_to: datetime) -> None:
            with suppress(Unsent):
                told = _progress(reading.channel, messages, back_to)
                await self._sender.write(client, reading.reply_channel, told, reading.reply_ts)

        try:
            async with self._room:
                made = await self._history.read(client, reading, progress)
            if reading.channel not in (await fetch_member_channels(client, reading.user)).channels:
                await self._give_up(client, reading)  # they have left it meanwhile
                return
            notes = [HISTORY_NOTE] if not reading.counts else [HISTORY_NOTE, INTERRUPTED_NOTE]
            draw = partial(mood, made, reading.channel, notes=notes, share=True)
            await self.show(client, reading.team, reading.reply_channel, reading.reply_ts, made, draw)
            await self._database.run(history_reads.remove, reading)
        except asyncio.CancelledError:
            await self._database.run(history_reads.hold, reading, 0)
            raise
        # Whatever goes wrong, it is tried again for a while, and then the asker hears of it.
        except Exception as error:
            log_failure("reading a history", error, ids)
            old = self._clock() - reading.started_at > _PATIENCE_SECONDS
            if old or (isinstance(error, SlackApiError) and error_code(error) in _UNSEEN):
                await self._give_up(client, reading)
            else:
                await self._database.run(history_reads.hold, reading, self._clock() + _AGAIN_SECONDS)

    async def _give_up(self, client: AsyncWebClient, reading: HistoryRead) -> None:
        with suppress(Unsent):
            await self._sender.write(client, reading.reply_channel, CANNOT_READ, reading.reply_ts)
        await self._database.run(history_reads.remove, reading)


INTERRUPTED_NOTE = "I was interrupted while reading, so the words are missing: I keep none."


def _progress(channel: str, messages: int, back_to: datetime) -> Reply:
    """Say how far a history is read."""
    if not messages:
        return note(f"Reading the history of <#{channel}>…")
    when = back_to.astimezone(UTC)
    return note(f"Reading the history of <#{channel}>: {messages:,} messages so far, back to {when.day} {when:%b}…")


def _png(made: Report) -> bytes | None:
    """Draw a report as a picture; None where that needs what is not installed."""
    out = BytesIO()
    try:
        chart.draw(made, "the channel", out)
    except BotError:
        return None
    return out.getvalue()
