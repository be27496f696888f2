"""The Web API, called by the real clients."""

import asyncio
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Server, Workspace, serve


async def error_of(call: Any) -> str:  # noqa: ANN401 - any awaitable call of the client
    """Give the code of the error that a call must raise."""
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def test_sync_client_does_the_same(workspace: Workspace, server: Server, general: str) -> None:
    """The synchronous client, which posts forms, can post with blocks, react and read back."""
    client = WebClient(workspace.bot_token, base_url=server.api_url)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}]

    def work() -> Any:  # noqa: ANN401 - Slack's own answer
        ts = client.chat_postMessage(channel=general, text="hi", blocks=blocks)["ts"]
        client.reactions_add(channel=general, timestamp=ts, name="tada")
        return client.conversations_history(channel=general, limit=1)["messages"][0]

    message = await asyncio.to_thread(work)
    assert message["text"] == "hi"
    assert message["blocks"][0]["text"] == blocks[0]["text"]
    assert message["reactions"] == [{"name": "tada", "users": [workspace.bot_user_id], "count": 1}]


async def test_auth(workspace: Workspace, server: Server, client: AsyncWebClient) -> None:
    """auth.test tells ids and scopes; a token that is missing, unknown or of the wrong kind is refused."""
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"]) == (workspace.bot_user_id, workspace.bot_id)
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    other = AsyncWebClient(base_url=server.api_url)
    assert await error_of(other.auth_test()) == "not_authed"
    assert await error_of(other.auth_test(token="xoxb-no")) == "invalid_auth"
    assert await error_of(other.auth_test(token=workspace.app_token)) == "not_allowed_token_type"
    assert await error_of(client.apps_connections_open(app_token=workspace.bot_token)) == "not_allowed_token_type"
    assert (await other.api_test(foo="bar"))["args"] == {"foo": "bar"}
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"


async def test_missing_scope(manifest: dict[str, Any]) -> None:
    """A method whose scope the manifest does not ask for says which one it needs."""
    manifest["oauth_config"]["scopes"]["bot"] = ["chat:write"]
    workspace = Workspace(manifest)
    async with serve(workspace) as server:
        client = AsyncWebClient(workspace.bot_token, base_url=server.api_url)
        with pytest.raises(SlackApiError) as raised:
            await client.conversations_history(channel=workspace.channel_id("general"))
    answer = raised.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
    assert answer["provided"] == "chat:write"


async def test_post_update_delete(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A message is posted, changed and deleted, and everybody sees each state."""
    ts = (await client.chat_postMessage(channel="#general", text="one"))["ts"]
    assert workspace.seen_by(ana, general)[-1].text == "one"
    await client.chat_update(channel=general, ts=ts, text="two")
    assert workspace.message(general, ts).text == "two"
    await client.chat_delete(channel=general, ts=ts)
    assert workspace.seen_by(ana, general) == []


async def test_update_keeps_blocks(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """An update with text alone leaves the blocks as they are; with an empty array it takes them away."""
    posted = await client.chat_postMessage(channel=general, text="one", blocks=[{"type": "divider"}])
    message = workspace.message(general, str(posted["ts"]))
    await client.chat_update(channel=general, ts=message.ts, text="two")
    assert (message.text, [block["type"] for block in message.blocks]) == ("two", ["divider"])
    await client.chat_update(channel=general, ts=message.ts, text="three", blocks=[])
    assert message.blocks == []


async def test_post_to_a_person(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """A person's id as the channel means the direct message with that person."""
    answer = await client.chat_postMessage(channel=ana, text="psst")
    assert answer["channel"] == workspace.dm_id("ana")
    opened = await client.conversations_open(users=[ana])
    assert opened["channel"]["id"] == workspace.dm_id("ana")


async def test_post_errors(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Posting is refused with Slack's own codes."""
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


async def test_threads(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """History shows parents with their figures, replies shows the thread, and a broadcast reply is in both."""
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
    """History comes in pages, the newest first, and between two ts with or without those themselves."""
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


async def test_metadata(client: AsyncWebClient, general: str) -> None:
    """A message's metadata is kept, and shown only to whoever asks for it."""
    metadata = {"event_type": "answered", "event_payload": {"ts": "1.2"}}
    await client.chat_postMessage(channel=general, text="x", metadata=metadata)
    plain = await client.conversations_history(channel=general)
    full = await client.conversations_history(channel=general, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata


async def test_reactions(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Reactions come and go, each once, and reactions.get gives a thread reply with its place in the thread."""
    parent = await workspace.post(ana, general, "x")
    reply = await workspace.post(ana, general, "y", thread_ts=parent)
    about: dict[str, Any] = {"channel": general, "timestamp": reply}
    bare = (await client.reactions_get(**about))["message"]
    assert bare["thread_ts"] == parent
    assert bare["permalink"].endswith(f"?thread_ts={parent}&cid={general}")
    assert "reactions" not in bare
    await client.reactions_add(**about, name="eyes")
    assert (await client.reactions_get(**about))["message"]["reactions"][0]["name"] == "eyes"
    assert await error_of(client.reactions_add(**about, name="eyes")) == "already_reacted"
    await client.reactions_remove(**about, name="eyes")
    assert await error_of(client.reactions_remove(**about, name="eyes")) == "no_reaction"
    assert await error_of(client.reactions_add(**about, name=":eyes:")) == "invalid_name"
    assert await error_of(client.reactions_add(channel=general, timestamp="x", name="eyes")) == "bad_timestamp"
    missing = client.reactions_add(channel=general, timestamp="1.000001", name="eyes")
    assert await error_of(missing) == "message_not_found"


async def test_permalink(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """A message's permalink has its channel and ts as Slack writes them."""
    ts = await workspace.post(ana, general, "x")
    answer = await client.chat_getPermalink(channel=general, message_ts=ts)
    assert answer["permalink"].endswith(f"/archives/{general}/p{ts.replace('.', '')}")


async def test_channels(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Channels are listed, described and joined; a private one without the bot does not exist for it."""
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


async def test_people(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """People have names and time zones, and the bot is known for one."""
    user = (await client.users_info(user=ana))["user"]
    assert (user["real_name"], user["tz"]) == ("Ana Ruiz", "Europe/Madrid")
    assert [one["is_bot"] for one in (await client.users_list())["members"]] == [False, False, False, True]
    assert await error_of(client.users_info(user="U0")) == "user_not_found"
    assert (await client.bots_info(bot=workspace.bot_id))["bot"]["user_id"] == workspace.bot_user_id
    assert (await client.team_info())["team"]["name"] == "Acme"


async def test_ephemeral_is_seen_by_one(
    workspace: Workspace, client: AsyncWebClient, ana: str, ben: str, general: str
) -> None:
    """Only its addressee sees an ephemeral message, and history does not have it."""
    await client.chat_postEphemeral(channel=general, user=ana, text="for you")
    assert [message.text for message in workspace.seen_by(ana, general)] == ["for you"]
    assert workspace.seen_by(ben, general) == []
    assert (await client.conversations_history(channel=general))["messages"] == []
    in_dm = client.chat_postEphemeral(channel=workspace.dm_id("ana"), user=ben, text="x")
    assert await error_of(in_dm) == "user_not_in_channel"


async def test_ephemeral_needs_an_active_thread(
    workspace: Workspace, client: AsyncWebClient, ana: str, general: str
) -> None:
    """In a thread without a reply an ephemeral message is not shown, although Slack says ok; with a reply it is."""
    parent = await workspace.post(ana, general, "x")
    await client.chat_postEphemeral(channel=general, user=ana, text="lost", thread_ts=parent)
    await workspace.post(ana, general, "y", thread_ts=parent)
    await client.chat_postEphemeral(channel=general, user=ana, text="found", thread_ts=parent)
    assert [message.text for message in workspace.seen_by(ana, general)] == ["x", "y", "found"]


async def test_upload(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """files_upload_v2 goes through its three steps and makes a message with the file."""
    await client.files_upload_v2(
        channel=general, filename="mood.png", content=b"PNG", title="Mood", initial_comment="look"
    )
    message = next(iter(workspace.state.channels[general].messages.values()))
    assert (message.text, message.files[0]["title"], message.files[0]["mimetype"]) == ("look", "Mood", "image/png")
    complete = client.files_completeUploadExternal(files=[{"id": "F0", "title": "x"}], channel_id=general)
    assert await error_of(complete) == "file_not_found"


async def test_blocks_validate(client: AsyncWebClient) -> None:
    """blocks.validate accepts good blocks and names the fault of bad ones."""
    await client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})
    assert await error_of(client.api_call("blocks.validate", json={"blocks": [{"type": "x"}]})) == "invalid_blocks"
