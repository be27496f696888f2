"""assistant.threads.setStatus."""

from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


async def test_status(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """A thread has a status, which an empty one clears."""
    dm = workspace.dm_id("ana")
    ts = await workspace.post(ana, dm, "question")
    for status in ("is thinking...", ""):
        assert (await client.assistant_threads_setStatus(channel_id=dm, thread_ts=ts, status=status))["ok"]
    unknown = client.assistant_threads_setStatus(channel_id=dm, thread_ts="1.000001", status="x")
    assert await error_of(unknown) == "invalid_thread_ts"
    assert await error_of(client.assistant_threads_setStatus(channel_id="C0", thread_ts=ts, status="x")) == (
        "channel_not_found"
    )
