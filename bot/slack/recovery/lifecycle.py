"""The lifecycle of a process: background tasks and requests in flight while it runs, and an orderly end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy import Connection

from bot.errors import BotError
from bot.observability.metrics import ANSWER_SECONDS, EVENTS, IN_FLIGHT
from bot.slack.log import log_failure
from bot.slack.timing import Timing
from bot.store import processes
from bot.store.database import Database

_RESTART_SECONDS = 5.0  # until a background task that failed runs again
_STOP_SECONDS = 5.0  # for background tasks to end
_DATABASE_SECONDS = 3.0  # for each change when the process ends

_STARTED_AT = "bot_started_at"
_HANDLED = "bot_handled"


current_request: ContextVar[Mapping[str, Any] | None] = ContextVar("current_request", default=None)
"""The payload that the running listener handles; None outside listeners."""


class BackgroundTasks:
    """Runs functions that should not end; one that fails is logged, and called again after a pause."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._failed = 0  # that are not running at the moment
        self._stopping = False

    @property
    def healthy(self) -> bool:
        """Whether none has failed, except for those that run again."""
        return not self._failed

    async def keep_running(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Call ``work`` until it returns, or the block of :func:`running_in_background` ends."""
        while True:
            try:
                await work()
                return
            except (Exception, asyncio.CancelledError) as error:  # something that it awaits may be cancelled, too
                if self._stopping:
                    raise
                log_failure("a background task", error, {})
            self._failed += 1
            await self._timing.sleep(_RESTART_SECONDS)
            self._failed -= 1

    async def stop(self, tasks: Collection[asyncio.Task[None]]) -> None:
        """Cancel ``tasks``, and wait until they have ended, but not for long."""
        self._stopping = True
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_STOP_SECONDS)


@asynccontextmanager
async def running_in_background(
    timing: Timing, *work: Callable[[], Coroutine[Any, Any, None]]
) -> AsyncIterator[BackgroundTasks]:
    """Run ``work`` inside the block; the end of the block cancels it and waits until it has ended."""
    background = BackgroundTasks(timing)
    tasks = [asyncio.create_task(background.keep_running(one)) for one in work]
    try:
        yield background
    finally:
        await background.stop(tasks)


def log_unhandled_errors() -> None:
    """Let the event loop log errors that nothing awaits as :func:`log_failure` does; asyncio would quote them."""

    def on_error(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        if error := context.get("exception"):
            log_failure("a task that nothing waits for", error, {})

    asyncio.get_running_loop().set_exception_handler(on_error)


@asynccontextmanager
async def finishing_requests(app: AsyncApp, database: Database, process: str, seconds: float) -> AsyncIterator[None]:
    """After the block, finish the requests in flight, and leave what takes longer to other processes."""
    tracker = InFlightTracker(app)
    await database.run(processes.heartbeat, process, time.time())  # before it claims anything

    async def try_to(change: Callable[[Connection, str, float], None]) -> None:
        with suppress(BotError, TimeoutError):
            async with asyncio.timeout(_DATABASE_SECONDS):
                await database.run(change, process, time.time())

    try:
        yield
    finally:
        await try_to(processes.heartbeat)  # so that no other process takes its claims while it finishes
        await tracker.wait_until_idle(seconds)
        await try_to(processes.leave)  # otherwise the others notice later


async def handle_event(app: AsyncApp, body: Mapping[str, Any]) -> None:
    """Give an event to the listeners, and wait until it has been handled.

    Raises BotError if it could not be authorized.
    """
    request = AsyncBoltRequest(body=dict(body), mode="socket_mode")
    request.context[_HANDLED] = handled = asyncio.Event()
    response = await app.async_dispatch(request)
    await asyncio.sleep(0)  # its listener starts, if it has one
    if _STARTED_AT in request.context:
        await handled.wait()
    elif response.status >= 500:
        raise BotError("An event could not be authorized. It is tried again.")


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
        current_request.set(request.body)
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
