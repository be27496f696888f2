"""The agent view: context in events, and the stop button."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import ApiError, Workspace, default_manifest
from tests.slack_emulator.actions.test_events import events

CHANNEL_TYPE, MESSAGE_TYPE = "slack#/types/channel_id", "slack#/types/message_context"


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return a manifest with an agent view."""
    return default_manifest()


async def last_event(workspace: Workspace, kind: str, count: int = 1) -> dict[str, Any]:
    """Wait for the `count`th event of a kind; return its inner payload."""
    found = await workspace.until(lambda: len(sent := events(workspace, kind)) >= count and sent)
    event: dict[str, Any] = found[-1]["event"]
    return event


async def test_context(workspace: Workspace, ana: str, general: str) -> None:
    """What a person looks at is sent when it changes, and with their messages and when they open the app."""
    dm = workspace.dm_id("ana")
    await workspace.open_home(ana, "messages")
    assert "context" not in await last_event(workspace, "app_home_opened")
    ts = await workspace.post(ana, general, "see this")
    await workspace.look_at(ana, general, ts)
    value = {"message_ts": ts, "channel_id": general}
    expected = [
        {"type": MESSAGE_TYPE, "value": value, "team_id": workspace.team_id},
        {"type": CHANNEL_TYPE, "value": general, "team_id": workspace.team_id},
    ]
    changed = await last_event(workspace, "app_context_changed")
    assert (changed["user"], changed["channel"], changed["context"]) == (ana, dm, {"entities": expected})
    await workspace.look_at(ana, general, ts)
    await workspace.open_home(ana, "messages")
    opened = await last_event(workspace, "app_home_opened", 2)
    assert (opened["tab"], opened["context"]) == ("messages", {"entities": expected})
    await workspace.post(ana, dm, "how does this read?")
    assert (await last_event(workspace, "message", 2))["app_context"] == {"entities": expected}
    assert len(events(workspace, "app_context_changed")) == 1
    await workspace.look_at(ana)
    assert (await last_event(workspace, "app_context_changed", 2))["context"] == {}


async def test_context_of_others(workspace: Workspace, ana: str, secret: str) -> None:
    """A person looks only at what they see, and others' events do not have it."""
    chloe = workspace.user_id("chloe")
    with pytest.raises(ApiError, match="channel_not_found"):
        await workspace.look_at(chloe, secret)
    await workspace.look_at(ana, secret)
    await workspace.post(chloe, workspace.dm_id("chloe"), "hello")
    assert "app_context" not in await last_event(workspace, "message")


async def test_stop(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """The stop button of a session that is processing sends an event, and stops the streams."""
    dm = workspace.dm_id("ana")
    ts = await workspace.post(ana, dm, "question")
    with pytest.raises(ApiError, match="session_not_found"):
        await workspace.stop_session(ana, ts)
    await client.agents_sessions_setStatus(channel_id=dm, thread_ts=ts, status="processing")
    stream = await client.chat_startStream(channel=dm, thread_ts=ts, markdown_text="well")
    await workspace.stop_session(ana, ts)
    event = await last_event(workspace, "agent_session_stopped")
    assert (event["channel"], event["user"], event["thread_ts"]) == (dm, ana, ts)
    assert event["streaming_message_ts"] == [stream["ts"]]
    assert not workspace.message(dm, stream["ts"]).is_streaming
