"""Background tasks, and the orderly end of a process."""

import asyncio
import time

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.slack.recovery.lifecycle import InFlightTracker, finishing_requests, handled_event, running_in_background
from bot.store import processes
from bot.store.database import IN_MEMORY, open_database


def bolt_app() -> AsyncApp:
    """Return an app without a connection to Slack."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="UBOT")

    return AsyncApp(authorize=authorize, signing_secret="secret", request_verification_enabled=False)


def request() -> AsyncBoltRequest:
    """Return the request of an event."""
    event = {"type": "reaction_added", "user": "U1"}
    return AsyncBoltRequest(body={"type": "event_callback", "team_id": "T1", "event": event}, mode="socket_mode")


async def test_background_tasks_end_with_the_block() -> None:
    """Tasks run inside the block, and are cancelled at its end."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running_in_background(work()):
        await started.wait()
    assert ended.is_set()


async def test_failed_background_task(caplog: pytest.LogCaptureFixture) -> None:
    """A task that failed is logged, and the block goes on."""

    async def fail() -> None:
        raise ValueError("broken")

    async with running_in_background(fail()):
        await asyncio.sleep(0)
    assert "a background task failed: ValueError" in caplog.text


@pytest.mark.parametrize(("seconds", "finished"), [(10, True), (0.01, False)])
async def test_requests_in_flight_are_finished(seconds: float, finished: bool) -> None:
    """The end of the block waits for running listeners, but not longer than it may."""
    app, running, release, done = bolt_app(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    @app.event("reaction_added")
    async def listen() -> None:
        running.set()
        await release.wait()
        done.set()

    event = request()
    handled = handled_event(event)
    with open_database(IN_MEMORY) as database:
        async with finishing_requests(app, database, "process", seconds):
            await app.async_dispatch(event)
            await running.wait()
            if finished:
                asyncio.get_running_loop().call_soon(release.set)
        assert done.is_set() == finished
        other = await database.run(processes.take_over, "other", time.time())
    assert other is not None  # the process has ended its lease
    release.set()
    await handled.wait()


async def test_handled_event() -> None:
    """A request can be waited for until its listener has ended, even with an error."""
    app = bolt_app()
    tracker = InFlightTracker(app)

    @app.event("reaction_added")
    async def listen() -> None:
        raise ValueError("broken")

    @app.error
    async def ignore() -> None:
        pass

    event = request()
    handled = handled_event(event)
    await app.async_dispatch(event)
    async with asyncio.timeout(10):
        await handled.wait()
    await tracker.wait_until_idle(10)
