"""The lifecycle of a process: background tasks while it runs, and an orderly end."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.errors import BotError
from bot.slack.log import log_failure
from bot.slack.recovery.in_flight import InFlightTracker
from bot.store import processes
from bot.store.database import Database


@asynccontextmanager
async def running_in_background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` inside the block; the end of the block cancels it and waits until it has ended."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                log_failure("a background task", result, {})


@asynccontextmanager
async def finishing_requests(app: AsyncApp, database: Database, process: str, seconds: float) -> AsyncIterator[None]:
    """After the block, finish the requests in flight, and leave what takes longer to other processes."""
    tracker = InFlightTracker(app)
    await database.run(processes.heartbeat, process, time.time())  # before it claims anything
    try:
        yield
    finally:
        await tracker.wait_until_idle(seconds)
        with suppress(BotError):  # otherwise the others notice later
            await database.run(processes.leave, process, time.time())
