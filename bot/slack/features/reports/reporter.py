"""The reporter, which writes the report of a channel to a user or to the channel."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from bot.errors import BotError, DeliveryError, HistoryTooLongError, SlackCallError, SlackError
from bot.reports import chart, text
from bot.reports.counter import window_counts
from bot.reports.report import Report, build_report
from bot.reports.windows import WINDOWS, Window
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import CHART, STOPPED_READING, Block, Reply, context
from bot.slack.client.queries import fetch_member_channels, fetch_message, fetch_thread
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.client.timezones import UserTimezones
from bot.slack.conversation import Conversation
from bot.slack.features.reports import blocks, history_notes
from bot.slack.features.reports.history import HistoryReader, hold_seconds
from bot.slack.log import log_failure
from bot.slack.recovery.claim_manager import Claim
from bot.store.channels import counts, digests, history_reads, watches
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import Database

HISTORY_ONLY_WINDOW = "24h"
"""The window that is always read from history, since how many people wrote in an hour is not stored."""

PICTURE_SCOPE = "files:write"
"""Needed to send a chart as a picture where the workspace shows none."""

MAX_HOME_REPORTS = 10
"""Channels whose reports the App Home shows; further ones are only named."""

_RETRY_SECONDS = 60.0  # until a history that could not be read is tried again
_GIVE_UP_SECONDS = 24 * 60 * 60.0
_PERMANENT_ERRORS = {"not_in_channel", "channel_not_found", "missing_scope"}


class Reporter:
    """Makes reports and writes them. ``clock`` returns the Unix time."""

    def __init__(self, analyzer: Analyzer, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._analyzer = analyzer
        self._database = database
        self.clock = clock
        self.timezones = UserTimezones(clock)
        self._history = HistoryReader(analyzer, database, clock)
        self._tasks: dict[tuple[str, str, str], asyncio.Task[None]] = {}  # by team, channel and user
        self._starting: set[str] = set()  # teams in which the one slow reading is about to begin

    @property
    def model(self) -> str:
        """The name of the model whose counts are used."""
        return self._analyzer.model

    async def write_report(
        self,
        slack: SlackClient,
        user: str,
        channel: str,
        window_name: str,
        now: datetime,
        conversation: Conversation | None = None,
    ) -> MessageRef | Reply:
        """Write ``user`` the report of a channel that they and the bot are members of, perhaps in a conversation.

        Returns the message with the report, or the one that will become it; or why there is none.
        """
        zone = await self._database.run(digests.timezone_of, slack.team, channel)
        if stored := await self._stored_report(slack, channel, window_name, zone, now):
            written = await self.write(slack, user, channel, *stored, conversation=conversation)
            if conversation:
                await conversation.show_title()
            return written or blocks.CANNOT_SEND_REPORT
        reads = await self._database.run(history_reads.requested_by, slack.team, user)
        if any(read.channel == channel for read in reads):
            return blocks.ALREADY_READING
        progress = blocks.progress(channel, 0, now)
        if slack.history.is_reduced:
            if slack.team in self._starting or any(team == slack.team for team, _, _ in self._tasks):
                return history_notes.OTHER_HISTORY
            self._starting.add(slack.team)
            progress = history_notes.slow_progress(channel, slack.history.messages)
        try:
            zone = await self.timezones.find(slack, user) or zone
            message = await (conversation.post(progress) if conversation else slack.post(user, progress))
            if message is None:
                return blocks.CANNOT_SEND_REPORT
            read = HistoryRead(slack.team, channel, user, window_name, now.timestamp(), zone, *message, self.clock())
            if await self._database.run(history_reads.add, read, self.clock() + hold_seconds(slack)):
                self.resume(slack, read, conversation)
            else:  # a request at the same time was first
                await slack.update(message, blocks.ALREADY_READING)
            return message
        finally:
            self._starting.discard(slack.team)

    async def from_counts(self, team: str, channel: str, window: Window) -> Report:
        """Return the report of a window from the counts of a watched channel."""
        first, end = window.previous().edges[0], window.edges[-1]
        hours, days = await self._database.run(counts.read, team, channel, self._analyzer.model, first, end)
        now, before = (
            window_counts(hours, [day for day in days if (day.midpoint >= window.edges[0]) == is_now])
            for is_now in (True, False)
        )
        return build_report(window, now, before, self._analyzer.labels)

    async def home_section(self, slack: SlackClient, user: str) -> Sequence[Block]:
        """Show the watched channels that a user is a member of, and how the first ones read in the last seven days."""
        watched = await self._database.run(watches.watched_channels, slack.team)
        if not watched:
            return blocks.watched_channels({})
        try:
            membership = await fetch_member_channels(slack, user)
        except SlackError:
            return blocks.watched_channels(None)
        reports: dict[str, Report | None] = {one: None for one in membership.channels if one in watched}
        for channel in list(reports)[:MAX_HOME_REPORTS]:
            zone = ZoneInfo(await self._database.run(digests.timezone_of, slack.team, channel))
            reports[channel] = await self.from_counts(slack.team, channel, Window.ending(membership.now, "7d", zone))
        return blocks.watched_channels(reports)

    async def write(
        self,
        slack: SlackClient,
        to: str,
        channel: str,
        report: Report,
        notes: Sequence[str],
        *,
        replacing: str | None = None,
        claim: Claim | None = None,
        conversation: Conversation | None = None,
    ) -> MessageRef | None:
        """Write a report about ``channel``, with a picture below if the workspace does not show charts.

        It goes ``to`` a user, who can share it with the channel, or to the channel itself, as a new message or
        ``replacing`` one, or to the thread of a ``conversation``; under a ``claim`` it is not posted again. Returns the
        message, or None if Slack refuses it; raises DeliveryError if Slack could not be reached.
        """
        reply = blocks.report_reply(report, channel, notes=notes, share=to != channel)
        if replacing is not None:
            written = await slack.update(MessageRef(to, replacing), reply)
        elif conversation:
            written = await conversation.post(reply)
        else:
            written = await claim.post(slack, to, reply) if claim else await slack.post(to, reply)
        if written and CHART in slack.refused_types and blocks.has_chart(reply):
            thread_ts = conversation.thread.ts if conversation else await _thread_of(slack, written)
            await self._add_picture(slack, written, report, reply, thread_ts)
        return written

    async def _add_picture(
        self, slack: SlackClient, written: MessageRef, report: Report, reply: Reply, thread_ts: str | None
    ) -> None:
        if slack.missing_scopes([PICTURE_SCOPE]):
            why = blocks.PICTURE_NOT_GRANTED
        elif (png := await asyncio.to_thread(_png, report)) is None:
            why = blocks.NO_PICTURE
        else:
            title, alt_text = f"Mood, {text.period_text(report.window)}", text.alt_text(report, "the channel")
            if await slack.upload_png(written.channel, png, title, alt_text, thread_ts):
                return
            why = blocks.PICTURE_REFUSED
        await slack.update(written, Reply(reply.text, [*reply.blocks, context(why)]))

    def resume(self, slack: SlackClient, read: HistoryRead, conversation: Conversation | None = None) -> None:
        """Read the rest of a history in the background, and write the report, unless that is being done."""
        key = read.team, read.channel, read.user
        if key not in self._tasks:
            self._tasks[key] = task = asyncio.create_task(self._read_in_conversation(slack, read, conversation))
            task.add_done_callback(lambda _: self._tasks.pop(key))

    async def stop_reading(self, slack: SlackClient, user: str, thread: MessageRef) -> None:
        """Stop reading the histories whose report ``user`` requested in a thread, also in other processes."""
        reads = await self._database.run(history_reads.requested_by, slack.team, user)
        reads = [read for read in reads if read.reply_channel == thread.channel]
        in_thread = await fetch_thread(slack, thread) if reads else ()
        for read in reads:
            if read.reply_ts not in in_thread:
                continue
            await self._database.run(history_reads.remove, read)  # another process notices that after the next page
            if task := self._tasks.get((read.team, read.channel, read.user)):
                task.cancel()
                await asyncio.wait([task])
            with suppress(DeliveryError):
                await slack.update(MessageRef(read.reply_channel, read.reply_ts), STOPPED_READING)

    async def stop(self) -> None:
        """Stop reading; the next process resumes."""
        for task in (tasks := list(self._tasks.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _stored_report(
        self, slack: SlackClient, channel: str, window_name: str, zone: str, now: datetime
    ) -> tuple[Report, list[str]] | None:
        """Return the report of a channel that was watched long enough, with notes; None if its history has to be read.

        Where Slack allows only few messages a minute, it is that of what was counted, however long that was.
        """
        team, by_hour, reduced = slack.team, window_name == HISTORY_ONLY_WINDOW, slack.history.is_reduced
        if (by_hour and not reduced) or await self._database.run(watches.get, team, channel) is None:
            return None
        since = await self._database.run(counts.first_hour, team, channel, self._analyzer.model)
        tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        window = Window.days(tomorrow, 2 if by_hour else WINDOWS[window_name], ZoneInfo(zone))
        if since is None or (since > window.edges[0] and not reduced):
            return None
        notes = [history_notes.COUNTED_DAYS] if by_hour else []
        if since > window.edges[0]:
            first = window.local(since)
            notes.append(history_notes.counted_since(first))
            window = Window.days(tomorrow, (tomorrow - first.date()).days, window.timezone)
        return await self.from_counts(team, channel, window), [*notes, blocks.FROM_COUNTS]

    async def _read_in_conversation(
        self, slack: SlackClient, read: HistoryRead, conversation: Conversation | None
    ) -> None:
        async with conversation.processing() if conversation else nullcontext():
            await self._read(slack, read, conversation)

    async def _read(self, slack: SlackClient, read: HistoryRead, conversation: Conversation | None) -> None:
        """Read a history, and replace the message that shows the progress by the report."""
        message = MessageRef(read.reply_channel, read.reply_ts)

        async def on_progress(progress: Reply) -> None:
            with suppress(DeliveryError):
                await slack.update(message, progress)

        try:
            if slack.history.is_reduced:
                await self._database.run(history_reads.hold, read, self.clock() + hold_seconds(slack))
            found = await self._history.read(slack, read, on_progress)
            if found is None:
                await slack.update(message, STOPPED_READING)
                return
            if read.channel not in (await fetch_member_channels(slack, read.user)).channels:
                await self._finish(slack, read, blocks.CANNOT_READ)  # the user has left it meanwhile
                return
            to, replacing = message
            await self.write(slack, to, read.channel, *found, replacing=replacing, conversation=conversation)
            await self._database.run(history_reads.remove, read)
        except asyncio.CancelledError:
            await self._database.run(history_reads.hold, read, 0)
            raise
        except HistoryTooLongError as error:
            watched = await self._database.run(watches.get, read.team, read.channel) is not None
            await self._finish(slack, read, history_notes.too_long(read.channel, error.seconds, watched=watched))
        except Exception as error:  # whatever it is, it is tried again for a day
            log_failure("reading a history", error, {"channel": read.channel, "user": read.user})
            old = self.clock() - read.started_at > _GIVE_UP_SECONDS
            if old or (isinstance(error, SlackCallError) and error.code in _PERMANENT_ERRORS):
                await self._finish(slack, read, blocks.CANNOT_READ)
            else:
                await self._database.run(history_reads.hold, read, self.clock() + _RETRY_SECONDS)

    async def _finish(self, slack: SlackClient, read: HistoryRead, why: Reply) -> None:
        """Say why there is no report."""
        with suppress(DeliveryError):
            await slack.update(MessageRef(read.reply_channel, read.reply_ts), why)
        await self._database.run(history_reads.remove, read)


async def _thread_of(slack: SlackClient, message: MessageRef) -> str | None:
    """Return the thread that a message of the bot's is in, as that of a conversation that was interrupted; or None."""
    try:
        found = await fetch_message(slack, message)
    except SlackError:
        return None
    return found.thread_ts if found else None


def _png(report: Report) -> bytes | None:
    """Draw a report as a picture; None if that needs a package that is not installed."""
    out = BytesIO()
    try:
        chart.draw(report, "the channel", out)
    except BotError:
        return None
    return out.getvalue()
