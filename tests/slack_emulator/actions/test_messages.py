"""Posting messages."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import ApiError, Workspace


async def test_length(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Messages of people and of the app have 1 to 40,000 characters."""
    ts = await workspace.post(ana, general, "x" * 40_000)
    for text, error in (("x" * 40_001, "msg_too_long"), (" ", "no_text")):
        with pytest.raises(ApiError, match=error):
            await workspace.post(ana, general, text)
        with pytest.raises(ApiError, match=error):
            await workspace.edit(ana, general, ts, text)
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_postMessage(channel=general, text="x" * 40_001)
    mine = (await client.chat_postMessage(channel=general, text="x"))["ts"]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel=general, ts=mine, text="x" * 40_001)


async def test_broadcast_reply(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A reply that is also sent to the channel is in the history, with its subtype."""
    parent = await workspace.post(ana, general, "parent")
    await workspace.post(ana, general, "reply", thread_ts=parent, subtype="thread_broadcast")
    history = (await client.conversations_history(channel=general))["messages"]
    assert [(one["text"], one.get("subtype")) for one in history] == [
        ("reply", "thread_broadcast"),
        ("parent", None),
    ]
    assert history[0]["client_msg_id"]
