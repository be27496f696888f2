"""chat.* methods."""

import asyncio
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import (
    Server,
    Workspace,
)
from tests.slack_emulator.web_api.conftest import error_of


async def test_sync_client(workspace: Workspace, server: Server, general: str) -> None:
    """The synchronous client, which posts forms, can post, react and read."""
    client = WebClient(workspace.bot_token, base_url=server.api_url)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}]

    def work() -> Any:  # noqa: ANN401 - the SDK's response
        ts = client.chat_postMessage(channel=general, text="hi", blocks=blocks)["ts"]
        client.reactions_add(channel=general, timestamp=ts, name="tada")
        return client.conversations_history(channel=general, limit=1)["messages"][0]

    message = await asyncio.to_thread(work)
    assert message["text"] == "hi"
    assert message["blocks"][0]["text"] == blocks[0]["text"]
    assert message["reactions"] == [{"name": "tada", "users": [workspace.bot_user_id], "count": 1}]


async def test_post_update_delete(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A message is posted, updated and deleted."""
    ts = (await client.chat_postMessage(channel="#general", text="one"))["ts"]
    assert workspace.seen_by(ana, general)[-1].text == "one"
    assert await error_of(client.chat_update(channel="#general", ts=ts, text="two")) == "channel_not_found"
    assert await error_of(client.chat_update(channel="general", ts=ts, text="two")) == "channel_not_found"
    await client.chat_update(channel=general, ts=ts, text="two")
    assert workspace.message(general, ts).text == "two"
    await client.chat_delete(channel=general, ts=ts)
    assert workspace.seen_by(ana, general) == []


async def test_update_keeps_blocks(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """An update with only text keeps the blocks; an empty array removes them."""
    posted = await client.chat_postMessage(channel=general, text="one", blocks=[{"type": "divider"}])
    message = workspace.message(general, str(posted["ts"]))
    await client.chat_update(channel=general, ts=message.ts, text="two")
    assert (message.text, [block["type"] for block in message.blocks]) == ("two", ["divider"])
    await client.chat_update(channel=general, ts=message.ts, text="three", blocks=[])
    assert message.blocks == []


async def test_post_to_user(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """A user id as channel stands for the direct message."""
    answer = await client.chat_postMessage(channel=ana, text="psst")
    assert answer["channel"] == workspace.dm_id("ana")
    opened = await client.conversations_open(users=[ana])
    assert opened["channel"]["id"] == workspace.dm_id("ana")


async def test_deleted_thread(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A reply to a deleted message is posted in the channel."""
    ts = await workspace.post(ana, general, "mine")
    await workspace.delete(ana, general, ts)
    answer = await client.chat_postMessage(channel=general, text="x", thread_ts=ts)
    assert "thread_ts" not in answer["message"]
    assert workspace.message(general, answer["ts"]).thread_ts is None


async def test_post_errors(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Posting fails with Slack's error codes."""
    post = client.chat_postMessage
    assert await error_of(post(channel="C0", text="x")) == "channel_not_found"
    assert await error_of(post(channel=workspace.channel_id("secret"), text="x")) == "channel_not_found"
    assert await error_of(post(channel=workspace.channel_id("lonely"), text="x")) == "not_in_channel"
    assert await error_of(post(channel=workspace.channel_id("attic"), text="x")) == "is_archived"
    assert await error_of(client.api_call("chat.postMessage", json={"channel": general})) == "no_text"
    assert await error_of(post(channel=general, text="x" * 40_001)) == "msg_too_long"
    assert await error_of(post(channel=general, text="x", thread_ts="1.000001")) == "thread_not_found"
    assert await error_of(post(channel=general, text="x", blocks="{")) == "invalid_blocks_format"
    assert await error_of(post(channel=general, text="x", metadata={"a": 1})) == "invalid_metadata_format"
    with pytest.raises(SlackApiError) as raised:
        await post(channel=general, text="x", blocks=[{"type": "sectoin"}])
    assert raised.value.response["error"] == "invalid_blocks"
    assert "sectoin" in raised.value.response["response_metadata"]["messages"][0]
    theirs = await workspace.post(ana, general, "mine")
    assert await error_of(client.chat_update(channel=general, ts=theirs, text="x")) == "cant_update_message"
    assert await error_of(client.chat_delete(channel=general, ts=theirs)) == "cant_delete_message"
    assert await error_of(client.chat_delete(channel=general, ts="1.000001")) == "message_not_found"


async def test_permalink(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A permalink has the channel and the ts."""
    ts = await workspace.post(ana, general, "x")
    answer = await client.chat_getPermalink(channel=general, message_ts=ts)
    assert answer["permalink"].endswith(f"/archives/{general}/p{ts.replace('.', '')}")


async def test_ephemeral(workspace: Workspace, client: AsyncWebClient, ana: str, ben: str, general: str) -> None:
    """Only its user sees an ephemeral message, and it is not in the history."""
    await client.chat_postEphemeral(channel=general, user=ana, text="for you")
    assert [message.text for message in workspace.seen_by(ana, general)] == ["for you"]
    assert workspace.seen_by(ben, general) == []
    assert (await client.conversations_history(channel=general))["messages"] == []
    in_dm = client.chat_postEphemeral(channel=workspace.dm_id("ana"), user=ben, text="x")
    assert await error_of(in_dm) == "user_not_in_channel"


async def test_ephemeral_in_thread(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """An ephemeral message in a thread without replies is not shown."""
    parent = await workspace.post(ana, general, "x")
    await client.chat_postEphemeral(channel=general, user=ana, text="lost", thread_ts=parent)
    await workspace.post(ana, general, "y", thread_ts=parent)
    await client.chat_postEphemeral(channel=general, user=ana, text="found", thread_ts=parent)
    assert [message.text for message in workspace.seen_by(ana, general)] == ["x", "y", "found"]


async def test_metadata(client: AsyncWebClient, general: str) -> None:
    """Metadata is stored, and returned only on request."""
    metadata = {"event_type": "answered", "event_payload": {"ts": "1.2"}}
    await client.chat_postMessage(channel=general, text="x", metadata=metadata)
    plain = await client.conversations_history(channel=general)
    full = await client.conversations_history(channel=general, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata


async def test_file_input(client: AsyncWebClient, general: str) -> None:
    """A message cannot have a file input."""
    label = {"type": "plain_text", "text": "File"}
    blocks = [{"type": "input", "label": label, "element": {"type": "file_input", "action_id": "file"}}]
    assert await error_of(client.chat_postMessage(channel=general, text="x", blocks=blocks)) == "invalid_blocks"


async def test_me_message(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """A /me message has a subtype of its own."""
    posted = await client.chat_meMessage(channel="#general", text="is here")
    message = workspace.message(general, posted["ts"])
    assert (message.text, message.subtype) == ("is here", "me_message")
    assert await error_of(client.chat_meMessage(channel=general, text="")) == "no_text"
