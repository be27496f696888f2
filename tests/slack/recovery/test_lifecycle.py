"""Background tasks, and the orderly end of a process."""

import asyncio
import gc
import time
from contextlib import suppress
from dataclasses import replace

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.errors import BotError
from bot.slack.recovery.lifecycle import (
    InFlightTracker,
    finishing_requests,
    handle_event,
    log_unhandled_errors,
    running_in_background,
)
from bot.store import processes
from bot.store.database import IN_MEMORY, open_database
from tests.support.bot_in_emulator import FAST_TIMING


def bolt_app() -> AsyncApp:
    """Return an app without a connection to Slack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="UBOT")

    return AsyncApp(authorize=authorize, signing_secret="secret", request_verification_enabled=False)


def reaction_by(user: str) -> dict[str, object]:
    """Return the payload of an event."""
    event = {"type": "reaction_added", "user": user}
    return {"type": "event_callback", "team_id": "T1", "event": event}


EVENT = reaction_by("U1")


async def test_background_tasks_end_with_the_block() -> None:
    """Tasks run inside the block, and are cancelled at its end."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running_in_background(FAST_TIMING, work):
        await started.wait()
    assert ended.is_set()


async def test_failed_background_task(caplog: pytest.LogCaptureFixture) -> None:
    """A task that fails, or in which something is cancelled, is logged and called again after a pause."""
    errors = [
        ValueError("broken"),
        asyncio.CancelledError(),
        BaseExceptionGroup("", [BotError("No disk."), KeyError("my secret text")]),
    ]
    left, pause, running = list(errors), asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        await pause.wait()

    async def fail() -> None:
        if left:
            raise left.pop(0)
        running.set()
        await asyncio.Event().wait()

    async with running_in_background(replace(FAST_TIMING, sleep=sleep), fail) as background:
        await asyncio.sleep(0.01)
        assert not background.healthy
        pause.set()
        await running.wait()
        assert background.healthy
    failed = [line.partition(" at ")[0] for line in caplog.messages]
    assert failed == [
        f"a background task failed: {what}"
        for what in ("ValueError", "CancelledError", "BotError: No disk.", "KeyError")
    ]


async def test_stuck_background_task() -> None:
    """A task that does not end when it is cancelled does not keep the bot from ending."""
    release = asyncio.Event()

    async def work() -> None:
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()

    async with running_in_background(FAST_TIMING, work):
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(60, release.set)
    release.set()


async def test_error_that_nothing_waits_for(caplog: pytest.LogCaptureFixture) -> None:
    """An error of a task that nothing waits for is logged without its message."""

    async def fail() -> None:
        raise ValueError("my secret text")

    log_unhandled_errors()
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task
    gc.collect()
    assert "a task that nothing waits for failed: ValueError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("seconds", "finished"), [(10, True), (0.01, False)])
async def test_requests_in_flight_are_finished(seconds: float, finished: bool) -> None:
    """The end of the block waits for running listeners, but not longer than it may."""
    app, running, release, done = bolt_app(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    @app.event("reaction_added")
    async def listen() -> None:
        running.set()
        await release.wait()
        done.set()

    with open_database(IN_MEMORY) as database:
        async with finishing_requests(app, database, "process", seconds):
            handling = asyncio.create_task(handle_event(app, EVENT))
            await running.wait()
            if finished:
                asyncio.get_running_loop().call_soon(release.set)
        assert done.is_set() == finished
        other = await database.run(processes.take_over, "other", time.time())
    assert other is not None  # the process has ended its lease
    release.set()
    await handling


async def test_claims_while_requests_are_finished() -> None:
    """No other process takes over while the requests in flight are finished, even if the last heartbeat is long ago."""
    app, running, release = bolt_app(), asyncio.Event(), asyncio.Event()
    taken_over: list[float | None] = []

    @app.event("reaction_added")
    async def listen() -> None:
        running.set()
        await release.wait()
        taken_over.append(await database.run(processes.take_over, "other", time.time()))

    with open_database(IN_MEMORY) as database:
        async with finishing_requests(app, database, "process", 10):
            handling = asyncio.create_task(handle_event(app, EVENT))
            await running.wait()
            await database.run(processes.heartbeat, "process", time.time() - 3600)
            asyncio.get_running_loop().call_soon(release.set)
        await handling
    assert taken_over == [None]


async def test_handled_event() -> None:
    """An event has been handled once its listener has ended, even with an error, or if it has no listener."""
    app, ended = bolt_app(), asyncio.Event()
    tracker = InFlightTracker(app)

    @app.event("reaction_added")
    async def listen() -> None:
        await asyncio.sleep(0.01)
        ended.set()
        raise ValueError("broken")

    @app.error
    async def ignore() -> None:
        pass

    async with asyncio.timeout(10):
        await handle_event(app, EVENT)
        assert ended.is_set()
        ended.clear()
        await handle_event(app, reaction_by("UBOT"))  # which Bolt ignores
        await handle_event(app, {**EVENT, "event": {"type": "unknown", "user": "U1"}})
    assert not ended.is_set()
    await tracker.wait_until_idle(10)


@pytest.mark.parametrize("error", [None, BotError("no database")])
async def test_unauthorized_event(error: Exception | None) -> None:
    """An event of a workspace that is not installed is ignored; one that cannot be authorized raises an error."""

    async def authorize() -> None:
        if error:
            raise error

    app = AsyncApp(authorize=authorize, signing_secret="secret", request_verification_enabled=False)  # type: ignore[arg-type]
    InFlightTracker(app)
    async with asyncio.timeout(10):
        if error:
            with pytest.raises(BotError):
                await handle_event(app, EVENT)
        else:
            await handle_event(app, EVENT)
