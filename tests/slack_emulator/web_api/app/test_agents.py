"""agents.sessions.* methods, and the prompts of an agent view."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace, default_manifest
from tests.slack_emulator.web_api.conftest import error_of

PROMPT = {"title": "Help", "message": "How can you help?"}


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return a manifest with an agent view."""
    return default_manifest()


@pytest.fixture
async def thread(workspace: Workspace, ana: str) -> dict[str, Any]:
    """Return the arguments of a thread in Ana's direct message."""
    dm = workspace.dm_id("ana")
    return {"channel_id": dm, "thread_ts": await workspace.post(ana, dm, "question")}


async def test_session(client: AsyncWebClient, thread: dict[str, Any]) -> None:
    """The first status creates a session, with its title; later only a renaming changes the title."""
    assert await error_of(client.agents_sessions_rename(**thread, title="One")) == "session_not_found"
    created = await client.agents_sessions_setStatus(**thread, status="processing", title="One")
    assert (created["status"], created["agent_status"], created["title"]) == ("processing", "processing", "One")
    assert (await client.agents_sessions_setStatus(**thread, status="active", title="Two"))["title"] == "One"
    assert (await client.agents_sessions_rename(**thread, title="Three"))["ok"]
    assert (await client.agents_sessions_setStatus(**thread, status="closed"))["title"] == "Three"


async def test_errors(client: AsyncWebClient, workspace: Workspace, thread: dict[str, Any]) -> None:
    """Unknown threads, statuses and titles are refused with Slack's codes."""
    set_status, rename = client.agents_sessions_setStatus, client.agents_sessions_rename
    lonely = thread | {"channel_id": workspace.channel_id("lonely")}
    assert await error_of(set_status(**thread | {"channel_id": "C0"}, status="active")) == "channel_not_found"
    assert await error_of(set_status(**lonely, status="active")) == "not_authorized"
    assert await error_of(set_status(**thread, status="busy")) == "invalid_status"
    assert await error_of(set_status(channel_id=thread["channel_id"], status="active")) == "thread_ts_required"
    assert await error_of(set_status(**thread, status="active", initiator_user_id="U0")) == "user_not_found"
    await set_status(**thread, status="active")
    assert await error_of(rename(**thread, title="x" * 201)) == "invalid_name"
    workspace.state.supports_agents = False
    assert await error_of(set_status(**thread, status="active")) == "feature_disabled"


async def test_prompts(client: AsyncWebClient, workspace: Workspace, thread: dict[str, Any]) -> None:
    """Prompts are shown above the messages; those of a thread are accepted, and not shown."""
    suggest = client.assistant_threads_setSuggestedPrompts
    await suggest(**thread, prompts=[PROMPT])
    assert workspace.state.prompts == {}
    await suggest(channel_id=thread["channel_id"], prompts=[PROMPT], title="Hi")
    assert workspace.state.prompts == {thread["channel_id"]: {"title": "Hi", "prompts": [PROMPT]}}


async def test_older_methods(client: AsyncWebClient, workspace: Workspace, thread: dict[str, Any]) -> None:
    """The status of assistant.threads is that of the session."""
    for status, shown in (("is thinking...", "processing"), ("", "active")):
        await client.assistant_threads_setStatus(**thread, status=status)
        assert [session.status for session in workspace.state.sessions.values()] == [shown]


class TestWithoutAgentView:
    """An app whose manifest has no agent view."""

    @pytest.fixture
    def manifest(self) -> dict[str, Any]:
        """Return a manifest without an agent view, and without the event of the stop button."""
        manifest = default_manifest()
        del manifest["features"]["agent_view"]
        return manifest

    async def test_refusal(self, client: AsyncWebClient, thread: dict[str, Any]) -> None:
        """It has no sessions."""
        assert await error_of(client.agents_sessions_setStatus(**thread, status="active")) == "not_authorized"


class TestWithoutStopEvent:
    """An app that does not subscribe to agent_session_stopped."""

    @pytest.fixture
    def manifest(self) -> dict[str, Any]:
        """Return a manifest without the event."""
        manifest = default_manifest()
        manifest["settings"]["event_subscriptions"]["bot_events"].remove("agent_session_stopped")
        return manifest

    async def test_warning(self, client: AsyncWebClient, thread: dict[str, Any]) -> None:
        """It is warned."""
        answer = await client.agents_sessions_setStatus(**thread, status="active")
        assert answer["warning"] == "missing_agent_session_stopped_event_subscription"
