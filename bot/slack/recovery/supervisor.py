"""What a process does besides answering: it shows that it lives, and catches up with what it or another has missed."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import BotError
from bot.slack.client.failures import log_failure
from bot.slack.client.rate_limiter import Clock
from bot.slack.client.sender import Sender
from bot.slack.parsing.events import seconds
from bot.slack.recovery.catch_up import Bot, CatchUp
from bot.store import processes
from bot.store.database import Database

_logger = logging.getLogger(__name__)

_SHOW = processes.LEASE / 4  # seconds between two signs of life
_MARGIN = 300.0
"""Seconds before a process was seen last that may have been missed too: Slack sends an event again for so long."""

_SOON = 30.0  # seconds until what could not be done is tried again
_GAP = 10.0  # seconds without a connection after which something may have been missed


class ProcessSupervisor:
    """Keeps one process in touch with the others, and with what it owes.

    Args:
        database: where the processes meet.
        sender: has the name of this one, and tells what it had to leave.
        catch_up: reads what was missed.
        bots: yields the bot in each of its workspaces.
        hours: how far back it looks; with 0 it does not.
        away: tells for how many seconds there has been no connection to Slack; None where there is none to keep.
        clock: how to wait for Slack.
    """

    def __init__(
        self,
        database: Database,
        sender: Sender,
        catch_up: CatchUp,
        bots: Callable[[], AsyncIterator[Bot]],
        hours: float,
        away: Callable[[], float] | None,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sender = sender
        self._catch_up = catch_up
        self._bots = bots
        self._window = hours * 3600
        self._away = away
        self._clock = clock
        self._owed: float | None = None  # since when something may have been missed, in Unix seconds
        self._soon = True  # whether to do something about it at once
        self._woken = asyncio.Event()
        sender.left_behind = self._left_behind

    async def run(self) -> None:
        """Go on until cancelled; what is owed then is in the database for others.

        What is in hand then is still to be finished, so the process counts as living until it says that it leaves.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._live())
                group.create_task(self._pay())
        finally:
            await self._database.run(processes.heartbeat, self._sender.process, time.time())

    async def _live(self) -> None:
        """Show that this process lives, and take over from those that do not."""
        last, lost = time.time(), 0.0
        while True:
            now = time.time()
            away = self._away() if self._away is not None else 0.0
            if lost > _GAP and not away:
                self._owe(last - lost - _MARGIN)
            lost = away
            if now - last > processes.LEASE:
                self._owe(last - _MARGIN)  # this process stood still, and counted as gone
            try:
                await self._database.run(processes.heartbeat, self._sender.process, now)
                if away > _GAP:  # written down at once: this process may be killed before it is connected again
                    await self._database.run(processes.record_gap, self._sender.process, now - away - _MARGIN)
                since = await self._database.run(processes.take_over, self._sender.process, now)
                if since is not None:
                    self._owe(since - _MARGIN)
                if self._owed is not None:
                    await self._database.run(processes.record_gap, self._sender.process, self._owed)
                last = now
            except BotError as error:
                log_failure("showing that this process lives", error, {})
            await asyncio.sleep(_SHOW)

    async def _pay(self) -> None:
        """Catch up whenever something is owed."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            if not self._soon:
                await self._clock.sleep(_SOON)
            since, self._owed, self._soon = self._owed, None, True
            if since is None:
                continue
            try:
                done = await self.catch_up(since)
                if done and self._owed is None:
                    await self._database.run(processes.clear_gap, self._sender.process)
            except BotError as error:
                log_failure("catching up", error, {})
                done = False
            if not done:
                self._owe(since, soon=False)

    async def catch_up(self, since: float) -> bool:
        """Deal with all that came after ``since``, in every workspace; tell whether Slack let the bot."""
        now = time.time()
        start = now - self._window
        taken, looked, well = self._sender.taken, 0, True
        try:
            async for bot in self._bots():
                try:
                    looked += await self._catch_up.run(bot, start, max(since, start))
                except* (SlackApiError, aiohttp.ClientError, TimeoutError) as group:
                    log_failure("catching up", group.exceptions[0], {"team": bot.team})
                    well = False
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log_failure("catching up", error, {})
            well = False
        _logger.info(
            "Caught up: looked at %d messages, did %d things that were missed", looked, self._sender.taken - taken
        )
        return well

    def _left_behind(self, ts: str) -> None:
        self._owe((seconds(ts) or time.time()) - 1, soon=False)

    def _owe(self, since: float, *, soon: bool = True) -> None:
        if not self._window:
            return
        self._owed = since if self._owed is None else min(self._owed, since)
        self._soon = soon
        self._woken.set()
