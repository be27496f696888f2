"""Injected faults."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import ApiFault, EventFault, Workspace
from tests.slack_emulator.conftest import Connect
from tests.slack_emulator.transport.conftest import EVENT


async def test_lost_acknowledgement(workspace: Workspace, app: AsyncApp, connect: Connect, received: list[Any]) -> None:
    """If the first acknowledgement is ignored, the event is delivered again as a retry."""
    await connect(app)
    workspace.faults.add(EventFault(deaf=True))
    assert await workspace.deliver(EVENT)
    await workspace.until(lambda: len(received) == 2)
    assert [received[0][1:], received[1][1:]] == [("0", ""), ("1", "timeout")]
    assert received[0][0] == received[1][0]


async def test_copies_and_loss(workspace: Workspace, app: AsyncApp, connect: Connect, received: list[Any]) -> None:
    """An event can be delivered several times, or never."""
    await connect(app)
    workspace.faults.add(EventFault(copies=2))
    await workspace.deliver(EVENT)
    await workspace.until(lambda: len(received) == 3)
    assert len({event_id for event_id, _, _ in received}) == 1
    workspace.faults.add(EventFault(lost=True))
    assert not await workspace.deliver(EVENT)
    assert len(received) == 3


async def test_delay(workspace: Workspace, app: AsyncApp, connect: Connect) -> None:
    """A delayed event is overtaken by the next."""
    order: list[str] = []

    @app.event("app_home_opened")
    async def note(event: dict[str, Any]) -> None:
        order.append(event["user"])
        workspace.changes.notify()

    await connect(app)
    workspace.faults.add(EventFault(wait=0.1))
    await asyncio.gather(workspace.deliver(EVENT | {"user": "late"}), workspace.deliver(EVENT | {"user": "early"}))
    assert await workspace.until(lambda: len(order) == 2 and order) == ["early", "late"]


async def test_api_faults(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """Calls can be rate-limited, fail, fail after taking effect, be slow, and be dropped."""
    post: dict[str, Any] = {"channel": general, "text": "x"}
    workspace.faults.add(ApiFault("chat.*", status=429, retry_after=7))
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(**post)
    assert (limited.value.response.status_code, limited.value.response["error"]) == (429, "ratelimited")
    assert limited.value.response.headers["Retry-After"] == "7"
    workspace.faults.add(ApiFault("chat.postMessage", status=503))
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(**post)
    assert not workspace.state.channels[general].messages
    workspace.faults.add(ApiFault("chat.postMessage", status=500, applied=True))
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(**post)
    assert len(workspace.state.channels[general].messages) == 1
    workspace.faults.add(ApiFault(error="internal_error", times=None))
    with pytest.raises(SlackApiError):
        await client.auth_test()
    workspace.faults.clear()
    workspace.faults.add(ApiFault(wait=0.05, drop=True, times=2))  # the client retries once
    with pytest.raises(Exception, match="disconnected"):
        await client.chat_postMessage(**post)
    assert (await client.chat_postMessage(**post))["ok"]
