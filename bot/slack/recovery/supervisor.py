"""The supervisor of a process: heartbeats, and catch-up with what this process or one that has ended missed."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable

from bot.errors import SlackError
from bot.slack.client.slack_client import SlackClient
from bot.slack.log import log_failure
from bot.slack.parsing.events import parse_ts
from bot.slack.recovery.catch_up import CatchUp
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.timing import Timing
from bot.store import processes
from bot.store.database import Database

_logger = logging.getLogger(__name__)

_REDELIVERY_SECONDS = 300.0
"""For how long Slack delivers an event again. What was sent that long before a gap may have been missed, too."""

_SHORT_GAP = 10.0  # seconds without a connection in which nothing is missed, since Slack delivers again


class ProcessSupervisor:
    """Keeps this process in touch with the others that share the database; catches up with the last ``hours``."""

    def __init__(
        self,
        database: Database,
        claims: ClaimManager,
        catch_up: CatchUp,
        workspaces: Callable[[], AsyncIterator[SlackClient]],
        hours: float,
        timing: Timing,
    ) -> None:
        self._database = database
        self._claims = claims
        self._catch_up = catch_up
        self._workspaces = workspaces
        self._window = hours * 3600
        self._timing = timing
        self._missed_since: float | None = None  # Unix seconds
        self._retry = False  # whether to wait before catching up
        self._wake_up = asyncio.Event()
        claims.on_undelivered = self._on_undelivered

    async def run(self, disconnected_for: Callable[[], float] = lambda: 0.0) -> None:
        """Run until cancelled; what is still missed then is in the database for other processes.

        Requests in flight are still to be finished then, so the process counts as alive until it says that it leaves.
        ``disconnected_for`` returns for how many seconds there has been no connection to Slack.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._heartbeat(disconnected_for))
                group.create_task(self._run_catch_up())
        finally:
            await self._database.run(processes.heartbeat, self._claims.process, time.time())

    async def _heartbeat(self, disconnected_for: Callable[[], float]) -> None:
        """Show that this process is alive, and take over from those that are not."""
        last, previous_gap = time.time(), 0.0
        while True:
            now, gap = time.time(), disconnected_for()
            if previous_gap > _SHORT_GAP and not gap:  # connected again
                self._schedule_catch_up(last - previous_gap - _REDELIVERY_SECONDS)
            previous_gap = gap
            if now - last > processes.LEASE:  # this process was suspended, and counted as ended
                self._schedule_catch_up(last - _REDELIVERY_SECONDS)
            try:
                await self._database.run(processes.heartbeat, self._claims.process, now)
                if gap > _SHORT_GAP:  # at once, since this process may be killed before it is connected again
                    since = now - gap - _REDELIVERY_SECONDS
                    await self._database.run(processes.record_gap, self._claims.process, since)
                taken_over = await self._database.run(processes.take_over, self._claims.process, now)
                if taken_over is not None:
                    self._schedule_catch_up(taken_over - _REDELIVERY_SECONDS)
                if self._missed_since is not None:
                    await self._database.run(processes.record_gap, self._claims.process, self._missed_since)
                last = now
            except Exception as error:  # whatever fails, it has to go on
                log_failure("a heartbeat", error, {})
            await asyncio.sleep(self._timing.heartbeat)

    async def _run_catch_up(self) -> None:
        """Catch up whenever something may have been missed."""
        while True:
            await self._wake_up.wait()
            self._wake_up.clear()
            if self._retry:
                await self._timing.sleep(self._timing.catch_up_retry)
            since, self._missed_since, self._retry = self._missed_since, None, False
            if since is None:
                continue
            try:
                await self._database.run(processes.record_gap, self._claims.process, since)
                complete = await self.catch_up(since)
                if complete and self._missed_since is None:
                    await self._database.run(processes.clear_gap, self._claims.process)
            except Exception as error:  # whatever fails, it has to go on
                log_failure("catching up", error, {})
                complete = False
            if not complete:
                self._schedule_catch_up(since, retry=True)

    async def catch_up(self, since: float) -> bool:
        """Handle all that happened after ``since``, in every workspace; return whether Slack let the bot."""
        start = time.time() - self._window
        claimed, read, complete = self._claims.count, 0, True
        async for slack in self._workspaces():
            try:
                read += await self._catch_up.run(slack, start, max(since, start))
            except SlackError as error:
                log_failure("catching up", error, {"team": slack.team})
                complete = False
        _logger.info("Caught up: read %d messages, handled %d that were missed", read, self._claims.count - claimed)
        return complete

    def _on_undelivered(self, ts: str) -> None:
        self._schedule_catch_up((parse_ts(ts) or time.time()) - 1, retry=True)

    def _schedule_catch_up(self, since: float, *, retry: bool = False) -> None:
        if not self._window:
            return
        self._missed_since = since if self._missed_since is None else min(self._missed_since, since)
        self._retry = retry
        self._wake_up.set()
