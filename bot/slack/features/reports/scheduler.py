"""What the bot does by the clock: digests, alerts, readings that were left off, and keys that have had their day."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from bot.background import in_background
from bot.reports import alert as alerting
from bot.reports.from_counts import window_counts
from bot.reports.intervals import Deviation
from bot.reports.report import NEGATIVE
from bot.reports.schedule import LATE_AFTER, PERIOD_DAYS, latest_due
from bot.reports.windows import Slot, Window
from bot.sentiment.formatting import percent
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import Reply, context, section
from bot.slack.client.calls import Unsent
from bot.slack.client.channels import fetch_member_channels
from bot.slack.client.failures import log_failure
from bot.slack.client.sender import Claim, Sender
from bot.slack.features.reports.blocks import mood
from bot.slack.features.reports.history import HELD_SECONDS
from bot.slack.features.reports.reporter import COUNTED_NOTE, Reporter
from bot.slack.transport.manifest import COMMAND
from bot.store.channels import alerts, counts, digests, history_reads
from bot.store.channels.counts import Day, Hour
from bot.store.channels.digests import ScheduledDigest
from bot.store.claims import Effect
from bot.store.database import Database

EACH_SECONDS = 60.0
"""How often the bot looks whether there is something to do."""

WEEKS = 4
"""How many weeks of a channel its last hours are compared with."""

_HOUR = timedelta(hours=1)

Clients = Callable[[str], Awaitable[AsyncWebClient | None]]
"""Gives what speaks to a workspace, by its id; None where the bot is not installed any more."""


class Scheduler:
    """Does what is due, once, however many processes share the database.

    Args:
        clients: gives what speaks to each workspace.
        judge: knows the model.
        reporter: makes the reports.
        sender: writes to people.
        database: says what is due.
        clock: gives the seconds since 1970.
    """

    def __init__(
        self,
        clients: Clients,
        judge: Analyzer,
        reporter: Reporter,
        sender: Sender,
        database: Database,
        clock: Callable[[], float],
    ) -> None:
        self._clients = clients
        self._judge = judge
        self._reporter = reporter
        self._sender = sender
        self._database = database
        self._clock = clock
        self._hour: datetime | None = None

    @asynccontextmanager
    async def made(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncIterator[None]:
        """Make a round at once and then each minute, inside the block."""

        async def again_and_again() -> None:
            while True:
                await self.once()
                await pause(EACH_SECONDS)

        try:
            async with in_background(again_and_again()):
                yield
        finally:
            await self._reporter.stop()

    async def once(self) -> None:
        """Do what is due now. What fails is in the log, and tried again in the next round."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        works: list[Callable[[], Awaitable[None]]] = [self._go_on, partial(self._post_digests, now)]
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour = hour
            works += [partial(self._look_for_alerts, now), partial(self._database.run, counts.discard_keys, now)]
        for work in works:
            await _tried(work(), at=now.isoformat(timespec="minutes"))

    async def _go_on(self) -> None:
        """Go on with the histories that nobody reads any more."""
        while True:
            now = self._clock()
            reading = await self._database.run(history_reads.take_abandoned, now, now + HELD_SECONDS)
            if reading is None:
                return
            if client := await self._clients(reading.team):
                self._reporter.go_on(client, reading)

    async def _post_digests(self, now: datetime) -> None:
        for one in await self._database.run(digests.scheduled):
            await _tried(self._post_if_due(one, now), channel=one.channel)

    async def _post_if_due(self, one: ScheduledDigest, now: datetime) -> None:
        due = latest_due(one.digest.every, one.digest.hour, ZoneInfo(one.digest.zone), now)
        client = await self._clients(one.team) if due.timestamp() > one.last_posted else None
        if client is None:
            return
        effect = Effect(one.team, one.channel, f"{due.timestamp():.6f}", "digest")
        async with self._sender.claimed(effect) as claim:
            if claim is not None:
                await self._post_digest(client, one, due, now, claim)
                await self._database.run(digests.mark_posted, one.team, one.channel, due.timestamp())

    async def _post_digest(
        self, client: AsyncWebClient, one: ScheduledDigest, due: datetime, now: datetime, claim: Claim
    ) -> None:
        digest = one.digest
        zone = ZoneInfo(digest.zone)
        window = Window.days(due.astimezone(zone).date(), PERIOD_DAYS[digest.every], zone)
        made = await self._reporter.kept(one.team, one.channel, window)
        if not made.total and not made.too_few_people:
            return  # nobody wrote: there is nothing to tell, and nobody to tell it to
        asked = f"<@{digest.asked_by}> asked for it. " if digest.asked_by else ""  # none, where they are forgotten
        notes = [f"{asked}`{COMMAND} digest off` ends it. {COUNTED_NOTE}"]
        if now - due > LATE_AFTER:
            local = due.astimezone(zone)
            notes.insert(0, f"This was due at {local:%H:%M} on {local.day} {local:%b} ({digest.zone}). I was away.")
        draw = partial(mood, made, one.channel, notes=notes)
        await self._reporter.show(client, one.team, one.channel, None, made, draw, claim)

    async def _look_for_alerts(self, now: datetime) -> None:
        """Tell those who asked for it where a channel's mood is far outside its own."""
        for (team, channel), people in (await self._database.run(alerts.subscribers)).items():
            await _tried(self._tell_if_unusual(team, channel, people, now), channel=channel)

    async def _tell_if_unusual(self, team: str, channel: str, people: Mapping[str, str], now: datetime) -> None:
        zone = ZoneInfo(await self._database.run(digests.timezone_of, team, channel))
        day = now.astimezone(zone).date().isoformat()
        waiting = [user for user, last_told in people.items() if last_told < day]
        found = await self._unusual(team, channel, zone, now) if waiting else None
        client = await self._clients(team) if found else None
        if found is None or client is None:
            return
        for user in waiting:
            told = self._tell(client, team, channel, user, found, day=day, before=people[user])
            await _tried(told, channel=channel, user=user)

    async def _unusual(self, team: str, channel: str, zone: ZoneInfo, now: datetime) -> Deviation | None:
        """Return how the day so far compares with the same hours of the last four weeks, if it is far outside them.

        These hours have their day's number of people, and slots of the same hours of the day are as long and alike.
        """
        days = Window.days(now.astimezone(zone).date() + timedelta(days=1), 7 * WEEKS + 1, zone)
        read = partial(counts.read, first=days.edges[0], end=days.edges[-1])
        hours, counted_days = await self._database.run(read, team, channel, self._judge.model)
        slots = same_hours(hours, counted_days, now)
        return alerting.detect_alert(slots[-1], slots[:-1], NEGATIVE) if slots else None

    async def _tell(
        self, client: AsyncWebClient, team: str, channel: str, user: str, found: Deviation, *, day: str, before: str
    ) -> None:
        if channel not in (await fetch_member_channels(client, user)).channels:
            await self._database.run(alerts.remove, team, channel, user)
            return
        if await self._database.run(alerts.take, team, channel, user, day):
            try:
                await self._sender.write(client, user, alarm(channel, found))
            except Unsent:
                await self._database.run(alerts.undo_take, team, channel, user, before)


async def _tried(work: Awaitable[None], **ids: str) -> None:
    """Do ``work``; where it fails that is in the log, and keeps nothing else from being done."""
    try:
        await work
    except Exception as error:
        log_failure("doing what is due", error, ids)


def same_hours(hours: Sequence[Hour], days: Sequence[Day], now: datetime) -> list[Slot]:
    """Return of each day as many hours as are over of the one that ``now`` is in; no slots if nobody wrote today."""
    if not days or not days[-1].start <= now < days[-1].end:
        return []
    over = (now - days[-1].start) // _HOUR * _HOUR
    early = [one for one in hours if any(day.start <= one.start < day.start + over for day in days)]
    return list(window_counts(Window.unbounded(), early, days).slots)


def alarm(channel: str, found: Deviation) -> Reply:
    """Say that a channel's mood is far outside its own."""
    said = (
        f"<#{channel}> reads worse than usual today: {percent(found.share)} of its messages read {NEGATIVE}, after "
        f"{percent(found.expected)} at this time of the day in the last four weeks."
    )
    return Reply(
        said,
        [
            section(said),
            context(
                f"By chance alone I would write so about once a year at most. `{COMMAND} report` tells more; "
                f"`{COMMAND} alert off` in the channel ends this."
            ),
        ],
    )
