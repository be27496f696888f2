"""Delivery of events, with retries."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from slack_emulator import Schedule, Workspace
from tests.slack_emulator.conftest import Connect
from tests.slack_emulator.transport.conftest import EVENT


async def test_acknowledged_event(workspace: Workspace, app: AsyncApp, connect: Connect, received: list[Any]) -> None:
    """An acknowledged event is delivered once."""
    await connect(app)
    assert await workspace.deliver(EVENT)
    await workspace.until(lambda: received)
    assert [attempt for _, attempt, _ in received] == ["0"]


@pytest.mark.usefixtures("short_timeout")
async def test_retries(workspace: Workspace, app: AsyncApp, connect: Connect) -> None:
    """Bolt does not acknowledge an event without a listener, so it is delivered four times."""
    await connect(app)
    assert not await workspace.deliver({"type": "something_new"})
    sent = [one.sent for one in workspace.log if one.name == "something_new"]
    assert [(one["retry_attempt"], one["retry_reason"]) for one in sent] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({one["event_id"] for one in sent}) == 1


async def test_retry_on_connection(workspace: Workspace, app: AsyncApp, connect: Connect, received: list[Any]) -> None:
    """An event sent without a connection is retried as soon as the app connects."""
    workspace.delivery.schedule = Schedule(redeliver_after=(0, 60, 60))
    delivering = asyncio.ensure_future(workspace.deliver(EVENT))
    await workspace.until(lambda: len(workspace.log) == 2)
    await connect(app)
    assert await delivering
    await workspace.until(lambda: received)
    assert [attempt for _, attempt, _ in received] == ["2"]
