"""assistant.threads.* methods."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of

PROMPT = {"title": "Help", "message": "How can you help?"}


@pytest.fixture
def manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Add the scope."""
    manifest["oauth_config"]["scopes"]["bot"].append("assistant:write")
    return manifest


@pytest.fixture
async def thread(workspace: Workspace, ana: str) -> dict[str, Any]:
    """Return the arguments of a thread in Ana's direct message."""
    dm = workspace.dm_id("ana")
    return {"channel_id": dm, "thread_ts": await workspace.post(ana, dm, "question")}


async def test_thread(client: AsyncWebClient, thread: dict[str, Any]) -> None:
    """A thread has a status, which an empty one clears, a title and prompts."""
    for status in ("is thinking...", ""):
        assert (await client.assistant_threads_setStatus(**thread, status=status))["ok"]
    assert (await client.assistant_threads_setTitle(**thread, title="Help"))["ok"]
    assert (await client.assistant_threads_setSuggestedPrompts(**thread, prompts=[PROMPT]))["ok"]
    about_tab = {"channel_id": thread["channel_id"]}
    assert (await client.assistant_threads_setSuggestedPrompts(**about_tab, prompts=[PROMPT]))["ok"]


async def test_errors(client: AsyncWebClient, thread: dict[str, Any]) -> None:
    """Unknown channels and threads, and malformed prompts, are refused."""
    elsewhere, unknown = thread | {"channel_id": "C0"}, thread | {"thread_ts": "1.000001"}
    assert await error_of(client.assistant_threads_setStatus(**elsewhere, status="x")) == "channel_not_found"
    assert await error_of(client.assistant_threads_setStatus(**unknown, status="x")) == "invalid_thread_ts"
    assert await error_of(client.assistant_threads_setTitle(**unknown, title="x")) == "invalid_thread_ts"
    for prompts in ([], [PROMPT] * 5, [{"title": "Help"}]):
        refused = client.assistant_threads_setSuggestedPrompts(**thread, prompts=prompts)
        assert await error_of(refused) == "invalid_arguments"
