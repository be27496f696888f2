"""conversations.* methods."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


async def test_threads(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """History has the parents with reply counts, replies has the thread, and a broadcast reply is in both."""
    parent = await workspace.post(ana, general, "question")
    first = await workspace.post(ana, general, "more", thread_ts=parent)
    answer = await client.chat_postMessage(channel=general, text="all", thread_ts=parent, reply_broadcast=True)
    history = (await client.conversations_history(channel=general))["messages"]
    assert [message["text"] for message in history] == ["all", "question"]
    assert history[1]["reply_count"] == 2
    assert history[1]["latest_reply"] == answer["ts"]
    assert history[1]["reply_users"] == [ana, workspace.bot_user_id]
    thread = (await client.conversations_replies(channel=general, ts=parent))["messages"]
    assert [message["ts"] for message in thread] == [parent, first, answer["ts"]]
    assert await error_of(client.conversations_replies(channel=general, ts="1.000001")) == "thread_not_found"
    await workspace.delete(ana, general, parent)
    assert workspace.message(general, parent).subtype == "tombstone"


async def test_history_pages_and_bounds(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """History has pages, the newest message first, and exclusive or inclusive bounds."""
    sent = [await workspace.post(ana, general, str(number)) for number in range(5)]
    pages = [
        [message["ts"] for message in page["messages"]]
        async for page in await client.conversations_history(channel=general, limit=2)
    ]
    assert pages == [[sent[4], sent[3]], [sent[2], sent[1]], [sent[0]]]
    bounds: dict[str, Any] = {"channel": general, "oldest": sent[1], "latest": sent[3]}
    inner = await client.conversations_history(**bounds)
    assert [message["ts"] for message in inner["messages"]] == [sent[2]]
    whole = await client.conversations_history(**bounds, inclusive=True)
    assert [message["ts"] for message in whole["messages"]] == [sent[3], sent[2], sent[1]]
    assert await error_of(client.conversations_history(channel=general, oldest="soon")) == "invalid_ts_oldest"
    assert await error_of(client.conversations_history(channel=general, cursor="x")) == "invalid_cursor"
    assert len((await client.conversations_history(channel=general, limit=0))["messages"]) == 5
    assert await error_of(client.conversations_list(limit=0)) == "invalid_limit"
    assert await error_of(client.conversations_history(channel="general")) == "channel_not_found"


async def test_channels(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Channels are listed, described and joined; private channels without the bot are hidden."""
    listed = (await client.conversations_list(types="public_channel,private_channel", exclude_archived=True))[
        "channels"
    ]
    assert [channel["name"] for channel in listed] == ["general", "random", "lonely"]
    assert (await client.conversations_info(channel=general))["channel"]["is_member"] is True
    assert ana in (await client.conversations_members(channel=general))["members"]
    hidden = workspace.channel_id("secret")
    assert await error_of(client.conversations_info(channel=hidden)) == "channel_not_found"
    lonely = workspace.channel_id("lonely")
    assert await error_of(client.conversations_history(channel=lonely)) == "not_in_channel"
    await client.conversations_join(channel=lonely)
    assert (await client.conversations_history(channel=lonely))["messages"][0]["subtype"] == "channel_join"
    assert (await client.conversations_join(channel=lonely))["warning"] == "already_in_channel"
    in_dm = client.conversations_join(channel=workspace.dm_id("ana"))
    assert await error_of(in_dm) == "method_not_supported_for_channel_type"
    assert await error_of(client.conversations_list(types="public")) == "invalid_types"


async def test_stable_pages(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """New and deleted messages between two pages neither repeat nor hide a message."""
    stamps = [await workspace.post(ana, general, str(number)) for number in range(6)]
    first = await client.conversations_history(channel=general, limit=2)
    await workspace.post(ana, general, "new")
    await workspace.delete(ana, general, stamps[5])
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=general, limit=2, cursor=cursor)
    assert [one["text"] for one in [*first["messages"], *second["messages"]]] == ["5", "4", "3", "2"]
    for number in range(3):
        await workspace.post(ana, general, f"reply {number}", thread_ts=stamps[0])
    first = await client.conversations_replies(channel=general, ts=stamps[0], limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_replies(channel=general, ts=stamps[0], limit=9, cursor=cursor)
    assert [one["text"] for one in [*first["messages"], *second["messages"]]] == [
        "0",
        *(f"reply {n}" for n in range(3)),
    ]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await client.conversations_history(channel=general, cursor="page:1")


async def test_memberships(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """users.conversations lists the channels of a user, reactions.list the messages they reacted to."""
    kinds = "public_channel,private_channel"
    named = [one["name"] for one in (await client.users_conversations(exclude_archived=True))["channels"]]
    assert named == ["general", "random"]
    seen = await client.users_conversations(user=ana, types=kinds)
    assert [one["name"] for one in seen["channels"]] == ["general", "random", "lonely", "attic"]
    ts = await workspace.post(ana, workspace.channel_id("random"), "x")
    await client.reactions_add(channel=workspace.channel_id("random"), timestamp=ts, name="eyes")
    items = (await client.reactions_list())["items"]
    assert [(one["channel"], one["message"]["ts"]) for one in items] == [(workspace.channel_id("random"), ts)]
    assert not (await client.reactions_list(user=ana))["items"]
