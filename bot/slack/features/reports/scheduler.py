"""The scheduler of digests and alerts, and of histories that no process reads any more."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from bot.errors import SlackCallError
from bot.reports import alert
from bot.reports.intervals import Deviation
from bot.reports.schedule import LATE_AFTER, PERIOD_DAYS, latest_due
from bot.reports.windows import Window
from bot.slack.client.queries import fetch_member_channels
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.reports import blocks
from bot.slack.features.reports.history import HOLD_SECONDS
from bot.slack.features.reports.reporter import Reporter
from bot.slack.log import log_failure
from bot.slack.recovery.claim_manager import Claim, ClaimManager
from bot.store.channels import alerts, counts, digests, history_reads
from bot.store.channels.digests import ScheduledDigest
from bot.store.claims import ClaimResult, Effect, is_done
from bot.store.database import Database


class Scheduler:
    """Does what is due, once, however many processes share the database."""

    INTERVAL: ClassVar[float] = 60.0
    """Seconds between two ticks."""

    def __init__(
        self,
        reporter: Reporter,
        claims: ClaimManager,
        database: Database,
        get_workspace: Callable[[str], Awaitable[SlackClient | None]],
    ) -> None:
        self._reporter = reporter
        self._claims = claims
        self._database = database
        self._get_workspace = get_workspace
        self._completed: dict[str, datetime] = {}  # the hour in which each hourly job was last completed

    async def tick(self) -> None:
        """Do what is due now. Failures are logged, and tried again in the next tick."""
        now = datetime.fromtimestamp(self._reporter.clock(), UTC)
        at = now.isoformat(timespec="minutes")
        await _succeeds(self._resume_histories(), at=at)
        await _succeeds(self._post_digests(now), at=at)
        hourly: Mapping[str, Callable[[datetime], Awaitable[bool | None]]] = {
            "alerts": self._send_alerts,
            "keys": lambda now: self._database.run(counts.discard_keys, now),
        }
        hour = now.replace(minute=0, second=0, microsecond=0)
        for name, job in hourly.items():
            if self._completed.get(name) != hour and await _succeeds(job(now), at=at):
                self._completed[name] = hour

    async def _resume_histories(self) -> None:
        while True:
            now = self._reporter.clock()
            read = await self._database.run(history_reads.take_abandoned, now, now + HOLD_SECONDS)
            if read is None:
                return
            if slack := await self._get_workspace(read.team):
                self._reporter.resume(slack, read)

    async def _post_digests(self, now: datetime) -> None:
        for scheduled in await self._database.run(digests.scheduled):
            await _succeeds(self._post_if_due(scheduled, now), channel=scheduled.channel)

    async def _post_if_due(self, scheduled: ScheduledDigest, now: datetime) -> None:
        digest, team, channel = scheduled.digest, scheduled.team, scheduled.channel
        due = latest_due(digest.every, digest.hour, ZoneInfo(digest.zone), now)
        slack = await self._get_workspace(team) if due.timestamp() > scheduled.last_posted else None
        if slack is None:
            return
        # A daily and a weekly one may be due at once, if two workspaces of an organization share the channel.
        effect = Effect(team, channel, f"{due.timestamp():.6f}", f"{digest.every} digest")
        async with self._claims.claim(effect) as claim:
            if claim is not None:
                await self._post_digest(slack, scheduled, due, now - due > LATE_AFTER, claim)
        # Also if it was posted before: the claim may be deleted before the next digest is due.
        if await self._database.run(is_done, effect):
            await self._database.run(digests.mark_posted, team, channel, due.timestamp())

    async def _post_digest(
        self, slack: SlackClient, scheduled: ScheduledDigest, due: datetime, late: bool, claim: Claim
    ) -> None:
        digest, channel = scheduled.digest, scheduled.channel
        zone = ZoneInfo(digest.zone)
        window = Window.days(due.astimezone(zone).date(), PERIOD_DAYS[digest.every], zone)
        report = await self._reporter.from_counts(scheduled.team, channel, window)
        if not report.total and not report.too_few_people:
            return  # nobody wrote, so nobody would read it
        notes = blocks.digest_notes(digest, due.astimezone(zone) if late else None)
        await self._reporter.write(slack, channel, channel, report, notes, claim=claim)

    async def _send_alerts(self, now: datetime) -> bool:
        """Send the alerts that are due; return whether none has to be tried again."""
        subscribers = await self._database.run(alerts.subscribers)
        sent = [
            await _succeeds(self._send_if_unusual(team, channel, last_told, now), channel=channel)
            for (team, channel), last_told in subscribers.items()
        ]
        return all(sent)

    async def _send_if_unusual(self, team: str, channel: str, last_told: Mapping[str, str], now: datetime) -> bool:
        """Alert subscribers if a channel reads far worse than usual; return whether none has to be tried again.

        ``last_told`` has the day of each subscriber's last alert.
        """
        zone = ZoneInfo(await self._database.run(digests.timezone_of, team, channel))
        day = now.astimezone(zone).date().isoformat()
        waiting = [user for user, last in last_told.items() if last < day]
        deviation = await self._deviation(team, channel, zone, now) if waiting else None
        slack = await self._get_workspace(team) if deviation else None
        if deviation is None or slack is None:
            return True
        sent = [
            await _succeeds(self._send(slack, channel, user, deviation, day), channel=channel, user=user)
            for user in waiting
        ]
        return all(sent)

    async def _deviation(self, team: str, channel: str, zone: ZoneInfo, now: datetime) -> Deviation | None:
        """Compare the current day with the same hours of the last four weeks; None if it is not far off."""
        edges = alert.compared_days(now, zone).edges
        counted = await self._database.run(counts.read, team, channel, self._reporter.model, edges[0], edges[-1])
        return alert.detect_today(*counted, now)

    async def _send(self, slack: SlackClient, channel: str, user: str, deviation: Deviation, day: str) -> bool:
        """Alert ``user`` once a day, unless they have left the channel; return whether that need not be tried again."""
        if channel not in (await fetch_member_channels(slack, user)).channels:
            await self._database.run(alerts.remove, slack.team, channel, user)
            return True
        async with self._claims.claim(Effect(slack.team, channel, day, f"alert to {user}")) as claim:
            # Slack does not show whether a process that has ended posted it.
            if claim is not None and claim.result is ClaimResult.FIRST:
                await slack.post(user, blocks.alert_reply(channel, deviation))
        if claim is not None and not claim.released:
            await self._database.run(alerts.mark_told, slack.team, channel, user, day)
        return claim is None or not claim.released


async def _succeeds(job: Awaitable[bool | None], **ids: str) -> bool:
    """Await ``job``; return whether it need not be tried again: it says so, has succeeded, or Slack refuses it."""
    try:
        return await job is not False
    except Exception as error:  # whatever it is, the other jobs go on
        log_failure("a scheduled job", error, ids)
        return isinstance(error, SlackCallError)
