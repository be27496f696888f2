"""The limit of reading messages, for apps that are distributed commercially outside the Marketplace."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import HistoryLimit, Workspace


async def test_one_call_a_minute(workspace: Workspace, client: AsyncWebClient) -> None:
    """Each of the two methods may be called once a minute; Slack says how long to wait."""
    now = 100.0
    workspace.history_limit = HistoryLimit(clock=lambda: now)
    general = workspace.channel_id("general")
    ts = await workspace.post(workspace.user_id("ana"), general, "hello")
    await client.conversations_history(channel=general)
    await client.conversations_replies(channel=general, ts=ts)
    now += 20.5
    for method, arguments in (("history", {}), ("replies", {"ts": ts})):
        with pytest.raises(SlackApiError) as raised:
            await client.api_call(f"conversations.{method}", params={"channel": general, **arguments})
        response = raised.value.response
        assert (response.status_code, response["error"]) == (429, "ratelimited")
        assert response.headers["Retry-After"] == "40"
    await client.conversations_info(channel=general)
    now += 39.5
    await client.conversations_history(channel=general)


async def test_fifteen_messages(workspace: Workspace, client: AsyncWebClient) -> None:
    """A page has at most fifteen messages, however many the app asks for; the cursor leads to the others."""
    workspace.history_limit = HistoryLimit(seconds=0)
    general = workspace.channel_id("general")
    for number in range(20):
        await workspace.post(workspace.user_id("ana"), general, f"message {number}")
    first = await client.conversations_history(channel=general, limit=200)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=general, limit=200, cursor=cursor)
    texts = [message["text"] for page in (first, second) for message in page["messages"]]
    assert len(first["messages"]) == 15
    assert texts == [f"message {number}" for number in range(19, -1, -1)]
