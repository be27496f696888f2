"""Supervision: catch-up is tried again whatever fails, and another process can take it over meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator

import sqlalchemy as sql
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.recovery.catch_up import CatchUp
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.recovery.supervisor import ProcessSupervisor
from bot.store.database import IN_MEMORY, Database, open_database
from bot.store.processes import heartbeat
from bot.store.schema import processes
from tests.support.bot_in_emulator import FAST_TIMING


class BrokenOnce(CatchUp):
    """A catch-up that meets something unexpected in its first attempt, and notes which gaps are recorded."""

    def __init__(self, database: Database) -> None:
        super().__init__(AsyncApp(signing_secret="secret", token="xoxb-1"), "thermometer", channels=False)
        self.database = database
        self.gaps: list[object] = []
        self.done = asyncio.Event()

    async def run(self, slack: SlackClient, start: float, since: float) -> int:
        """Fail in the first attempt."""
        self.gaps.append(await self.database.run(lambda one: one.scalar(sql.select(processes.c.missed_since))))
        if len(self.gaps) == 1:
            raise KeyError("messages")
        self.done.set()
        return 0


async def test_unexpected_error() -> None:
    """Catch-up is tried again after any error, and its gap is recorded while it runs."""

    async def workspaces() -> AsyncIterator[SlackClient]:
        yield SlackClient(AsyncWebClient("xoxb-1"), CallExecutor(FAST_TIMING), "T1")

    with open_database(IN_MEMORY) as database:
        claims, catch_up = ClaimManager(database), BrokenOnce(database)
        supervisor = ProcessSupervisor(database, claims, catch_up, workspaces, 24, FAST_TIMING)
        await database.run(heartbeat, claims.process, time.time())
        task = asyncio.create_task(supervisor.run())
        claims.on_undelivered(f"{time.time():.6f}")
        async with asyncio.timeout(10):
            await catch_up.done.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert None not in catch_up.gaps
