"""The lifecycle of a process: background tasks and requests in flight while it runs, and an orderly end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.errors import BotError
from bot.observability.metrics import ANSWER_SECONDS, EVENTS, IN_FLIGHT
from bot.slack.log import log_failure
from bot.store import processes
from bot.store.database import Database

_STARTED_AT = "bot_started_at"
_HANDLED = "bot_handled"


@asynccontextmanager
async def running_in_background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` inside the block; the end of the block cancels it and waits until it has ended."""
    tasks = [asyncio.create_task(one) for one in work]
    for task in tasks:
        task.add_done_callback(_log_if_failed)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _log_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log_failure("a background task", error, {})


@asynccontextmanager
async def finishing_requests(app: AsyncApp, database: Database, process: str, seconds: float) -> AsyncIterator[None]:
    """After the block, finish the requests in flight, and leave what takes longer to other processes."""
    tracker = InFlightTracker(app)
    await database.run(processes.heartbeat, process, time.time())  # before it claims anything
    try:
        yield
    finally:
        with suppress(BotError):  # so that no other process takes its claims while it finishes
            await database.run(processes.heartbeat, process, time.time())
        await tracker.wait_until_idle(seconds)
        with suppress(BotError):  # otherwise the others notice later
            await database.run(processes.leave, process, time.time())


def handled_event(request: AsyncBoltRequest) -> asyncio.Event:
    """Return an event that is set once a listener has handled ``request``; call it before dispatching the request."""
    request.context[_HANDLED] = handled = asyncio.Event()
    return handled


class InFlightTracker:
    """Counts the listeners of ``app`` that are running."""

    def __init__(self, app: AsyncApp) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        runner = app.listener_runner
        runner.listener_start_handler = _Callback(self._start)
        runner.listener_completion_handler = _Callback(self._finish)

    def _start(self, request: AsyncBoltRequest) -> None:
        """Count a listener that starts."""
        self._count += 1
        self._idle.clear()
        IN_FLIGHT.inc()
        EVENTS.labels(_kind(request.body)).inc()
        request.context[_STARTED_AT] = time.perf_counter()

    def _finish(self, request: AsyncBoltRequest) -> None:
        """Count a listener that has finished or failed."""
        if handled := request.context.get(_HANDLED):
            handled.set()
        self._count -= 1
        IN_FLIGHT.dec()
        ANSWER_SECONDS.observe(time.perf_counter() - request.context[_STARTED_AT])
        if not self._count:
            self._idle.set()

    async def wait_until_idle(self, seconds: float) -> None:
        """Wait until no listener is running, at most for so many seconds."""
        await asyncio.sleep(0)  # the listener of the latest request starts
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._count:
                    await self._idle.wait()


class _Callback(AsyncListenerStartHandler, AsyncListenerCompletionHandler):
    """Passes what Bolt calls before or after a listener to a function."""

    def __init__(self, function: Callable[[AsyncBoltRequest], None]) -> None:
        self._function = function

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        self._function(request)


def _kind(body: Mapping[str, Any]) -> str:
    """Return the type of an event or an interaction, or ``command``."""
    event = body.get("event")
    return str(event.get("type") if isinstance(event, dict) else body.get("type", "command"))
