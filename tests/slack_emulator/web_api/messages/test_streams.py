"""chat.startStream, chat.appendStream and chat.stopStream."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


@pytest.fixture
async def thread(workspace: Workspace, ana: str, general: str) -> dict[str, Any]:
    """Return the arguments of a stream that replies to Ana's message."""
    ts = await workspace.post(ana, general, "question")
    recipient = {"recipient_user_id": ana, "recipient_team_id": workspace.team_id}
    return {"channel": general, "thread_ts": ts, **recipient}


async def test_stream(workspace: Workspace, client: AsyncWebClient, thread: dict[str, Any]) -> None:
    """The SDK's helper appends to one reply, which ends with the blocks."""
    stream = await client.chat_stream(**thread, buffer_size=1)
    for part in ("one ", "two "):
        await stream.append(markdown_text=part)
    (reply,) = workspace.replies(thread["channel"], thread["thread_ts"])
    assert reply.text == "one two "
    done = await stream.stop(markdown_text="**three**", blocks=[{"type": "divider"}])
    assert done["message"]["text"] == "one two **three**"
    assert [(block["type"], block.get("text")) for block in reply.blocks] == [
        ("markdown", "one two **three**"),
        ("divider", None),
    ]
    about = {"channel": thread["channel"], "ts": reply.ts}
    late = client.chat_appendStream(**about, markdown_text="four")
    assert await error_of(late) == "message_not_in_streaming_state"
    assert await error_of(client.chat_stopStream(**about)) == "message_not_in_streaming_state"


async def test_chunks(workspace: Workspace, client: AsyncWebClient, thread: dict[str, Any]) -> None:
    """Blocks are kept between the texts before and after them, those of Markdown too."""
    note = {"type": "markdown", "text": "note"}
    divider = {"type": "divider"}
    started = await client.chat_startStream(
        **thread, chunks=[{"type": "markdown_text", "text": "one "}, {"type": "markdown_text", "text": "two"}]
    )
    about = {"channel": thread["channel"], "ts": started["ts"]}
    await client.chat_appendStream(**about, chunks=[{"type": "blocks", "blocks": [divider, note]}])
    await client.chat_appendStream(**about, chunks=[{"type": "blocks", "blocks": [divider]}])
    await client.chat_appendStream(**about, markdown_text="three")
    (reply,) = workspace.replies(thread["channel"], thread["thread_ts"])
    shown = [block.get("text", block["type"]) for block in reply.blocks]
    assert shown == ["one two", "divider", "note", "divider", "three"]
    assert reply.text == "one twothree"


async def test_direct_message(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """A direct message needs no recipient."""
    dm = workspace.dm_id("ana")
    ts = await workspace.post(ana, dm, "question")
    started = await client.chat_startStream(channel=dm, thread_ts=ts, markdown_text="answer")
    assert workspace.message(dm, started["ts"]).thread_ts == ts


async def test_errors(workspace: Workspace, client: AsyncWebClient, thread: dict[str, Any], ana: str) -> None:
    """Missing recipients, malformed chunks, too much text and messages of others are refused."""
    nobody = {name: thread[name] for name in ("channel", "thread_ts")}
    assert await error_of(client.chat_startStream(**nobody)) == "missing_recipient_user_id"
    assert await error_of(client.chat_startStream(**nobody, recipient_user_id=ana)) == "missing_recipient_team_id"
    malformed: list[list[Any]] = [[{"type": "shout", "text": "x"}], [{"type": "markdown_text", "text": 1}], ["x"]]
    malformed += [[{"type": "blocks", "text": "x"}], [{"type": "markdown_text"}]]
    for chunks in malformed:
        assert await error_of(client.chat_startStream(**thread, chunks=chunks)) == "invalid_chunks"
    assert await error_of(client.chat_startStream(**thread, markdown_text="x" * 12_001)) == "msg_too_long"
    about = {"channel": thread["channel"], "ts": thread["thread_ts"]}
    assert await error_of(client.chat_appendStream(**about, markdown_text="x")) == "message_not_in_streaming_state"
    started = await client.chat_startStream(**thread)
    about["ts"] = started["ts"]
    assert await error_of(client.chat_appendStream(**about, markdown_text="")) == "no_text"
    bad = client.chat_stopStream(**about, blocks=[{"type": "section"}])
    assert await error_of(bad) == "invalid_blocks"
    assert workspace.message(thread["channel"], started["ts"]).is_streaming
