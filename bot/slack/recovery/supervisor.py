"""The supervisor of a process: heartbeats, and catch-up with what this process or one that has ended missed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import SlackError
from bot.slack.client.slack_client import SlackClient
from bot.slack.log import log_failure
from bot.slack.parsing.events import parse_ts, possible_teams, thread_start
from bot.slack.recovery.catch_up import CatchUp
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.recovery.lifecycle import current_request
from bot.slack.recovery.redelivery import Redelivery
from bot.slack.timing import Timing
from bot.store import processes
from bot.store.claims import Effect
from bot.store.database import Database

_logger = logging.getLogger(__name__)

_REDELIVERY_SECONDS = 300.0
"""For how long Slack delivers an event again. What was sent that long before a gap may have been missed, too."""

_SHORT_GAP = 10.0  # seconds without a connection in which nothing is missed, since Slack delivers again
_LONGEST_PAUSE = 15 * 60.0  # seconds between two attempts to catch up
_POLL_SECONDS = 1.0  # while there is something to catch up with

_EVERY_TEAM = ""

_REMOVED = ("account_inactive", "team_access_not_granted", "token_revoked")
"""Slack's codes for a bot that was removed from the workspace."""


class Workspaces(Protocol):
    """The workspaces that the bot is installed in."""

    async def teams(self) -> Sequence[str]:
        """Return their ids."""

    async def get(self, team: str) -> SlackClient | None:
        """Return the client for one; None if there is no valid token."""


@dataclass
class _Gap:
    """What has to be caught up with in a workspace."""

    since: float  # Unix seconds
    due: float  # by the monotonic clock
    failures: int = 0


class ProcessSupervisor:
    """Keeps this process in touch with the others that share the database; catches up with the last ``hours``."""

    def __init__(
        self,
        database: Database,
        claims: ClaimManager,
        catch_up: CatchUp,
        workspaces: Workspaces,
        hours: float,
        timing: Timing,
    ) -> None:
        self._database = database
        self._claims = claims
        self._catch_up = catch_up
        self._workspaces = workspaces
        self._window = hours * 3600
        self._timing = timing
        self._redelivery = Redelivery(catch_up.app, timing)
        self._gaps: dict[str, _Gap] = {}  # by team
        self._running: set[str] = set()  # the teams that are caught up with beside others
        self._wake_up = asyncio.Event()
        claims.on_undelivered = self._on_undelivered

    async def run(self, disconnected_for: Callable[[], float] = lambda: 0.0) -> None:
        """Run until cancelled; what is still missed then is in the database for other processes.

        ``disconnected_for`` returns for how many seconds there has been no connection to Slack.
        """
        async with asyncio.TaskGroup() as group:
            for work in (self._heartbeat(disconnected_for), self._run_catch_up(), self._redelivery.run()):
                group.create_task(_fail_if_cancelled(work))

    async def _heartbeat(self, disconnected_for: Callable[[], float]) -> None:
        """Show that this process is alive, and take over from those that are not."""
        last, previous_gap = time.time(), 0.0
        while True:
            now, gap = time.time(), disconnected_for()
            if previous_gap > _SHORT_GAP and not gap:  # connected again
                self._schedule(last - previous_gap - _REDELIVERY_SECONDS)
            previous_gap = gap
            if now - last > processes.LEASE:  # this process was suspended, and counted as ended
                self._schedule(last - _REDELIVERY_SECONDS)
            try:
                await self._database.run(processes.heartbeat, self._claims.process, now)
                if gap > _SHORT_GAP:  # at once, since this process may be killed before it is connected again
                    since = now - gap - _REDELIVERY_SECONDS
                    await self._database.run(processes.record_gap, self._claims.process, since)
                taken_over = await self._database.run(processes.take_over, self._claims.process, now)
                if taken_over is not None:
                    self._schedule(taken_over - _REDELIVERY_SECONDS)
                if self._gaps:
                    since = min(each.since for each in self._gaps.values())
                    await self._database.run(processes.record_gap, self._claims.process, since)
                await self._claims.settle()
                last = now
            except Exception as error:  # whatever fails, it has to go on
                log_failure("a heartbeat", error, {})
            await asyncio.sleep(self._timing.heartbeat)

    async def _run_catch_up(self) -> None:
        """Catch up with each workspace in which something may have been missed, when that is due.

        With the reduced limit, workspaces are caught up with concurrently, since nearly all of the time is waiting.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake_up.wait()
                now = self._timing.monotonic()
                due = [team for team, gap in self._gaps.items() if gap.due <= now and team not in self._running]
                for team in due:
                    if self._catch_up.reduced:
                        self._running.add(team)
                        group.create_task(self._close_gap(team))
                    else:
                        await self._close_gap(team)
                if self._gaps:
                    await self._timing.sleep(_POLL_SECONDS)
                else:
                    self._wake_up.clear()

    async def _close_gap(self, team: str) -> None:
        """Catch up with one workspace; schedule what failed again, later each time."""
        gap, complete = self._gaps.pop(team), False
        try:
            await self._database.run(processes.record_gap, self._claims.process, gap.since)
            await self._claims.settle()
            if team == _EVERY_TEAM:
                for each in await self._workspaces.teams():
                    self._schedule(gap.since, each)
                complete = True
            else:
                complete = await self._catch_up_workspace(team, gap.since)
            if complete and not self._gaps and self._running <= {team}:
                await self._database.run(processes.clear_gap, self._claims.process)
        except Exception as error:  # whatever fails, it has to go on
            log_failure("catching up", error, {"team": team})
        finally:  # also if something is cancelled
            if not complete:
                self._schedule(gap.since, team, pause=self._timing.catch_up_retry)
            if again := self._gaps.get(team):
                again.failures = gap.failures + 1
                pause = min(self._timing.catch_up_retry * 2.0**gap.failures, _LONGEST_PAUSE)
                again.due = self._timing.monotonic() + pause
            self._running.discard(team)

    async def _catch_up_workspace(self, team: str, since: float) -> bool:
        """Handle what happened after ``since`` in a workspace; return whether it need not be tried again."""
        slack = await self._workspaces.get(team)
        if slack is None:  # uninstalled, or Slack does not renew its token at the moment
            return team not in await self._workspaces.teams()
        start, claimed = time.time() - self._window, self._claims.count
        try:
            read = await self._catch_up.run(slack, start, max(since, start))
        except SlackError as error:
            if error.code not in _REMOVED:
                raise
            _logger.warning("The bot was removed from the workspace %s (%s)", team, error.code)
            return True
        _logger.info("Caught up: read %d messages, handled %d that were missed", read, self._claims.count - claimed)
        return True

    def on_unauthorized(self, body: Mapping[str, Any]) -> None:
        """Handle an event again later whose workspace's token could not be read."""
        event, teams = body.get("event"), possible_teams(body)
        if not isinstance(event, dict) or not teams:
            return  # a person waits for the answer, and is told that it failed
        item = event.get("item")
        place = item if isinstance(item, dict) else event
        for team in teams:  # those that have not installed the bot are dropped then
            effect = Effect(team, str(place.get("channel")), str(place.get("ts")), f"event {body.get('event_id')}")
            self._retry_later(effect, body)

    def _on_undelivered(self, effect: Effect) -> None:
        self._retry_later(effect, current_request.get())

    def _retry_later(self, effect: Effect, body: Mapping[str, Any] | None) -> None:
        """Leave an effect to catch-up if it finds the event in Slack, and keep the event otherwise."""
        event = body.get("event") if body else None
        since = (parse_ts(effect.ts) or time.time()) - 1
        oldest_needed = min(since, thread_start(event) or since)
        found = oldest_needed > time.time() - self._window and self._catch_up.covers(effect.channel)
        if body is not None and event is not None and not found:
            self._redelivery.add(effect, body)
        else:
            self._schedule(since, effect.team, pause=self._timing.catch_up_retry)

    def _schedule(self, since: float, team: str = _EVERY_TEAM, *, pause: float = 0.0) -> None:
        """Catch up from ``since`` after a pause, or when it is due anyway."""
        if not self._window:
            return
        due = self._timing.monotonic() + pause
        gap = self._gaps.setdefault(team, _Gap(since, due))
        gap.since, gap.due = min(gap.since, since), min(gap.due, due)
        self._wake_up.set()


async def _fail_if_cancelled(work: Awaitable[None]) -> None:
    """Await ``work``; raise an error if it is cancelled, but not this task: a task group would take it for its end."""
    try:
        await work
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        raise RuntimeError("cancelled") from None
