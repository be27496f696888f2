"""chat.startStream, chat.appendStream and chat.stopStream: messages to which the app appends text.

https://docs.slack.dev/messaging/sending-and-scheduling-messages#text-streaming
"""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import message_object
from slack_emulator.state.models import Channel, Message
from slack_emulator.validation.blocks import MAX_MARKDOWN, block_errors
from slack_emulator.web_api.messages.chat import author_fields, post_channel
from slack_emulator.web_api.registry import MethodCall, method

_Part = str | list[dict[str, Any]]
"""Text, or blocks."""


def _appended(call: MethodCall) -> list[_Part]:
    """Return the texts and the lists of blocks that a call appends, in order. Raises ApiError."""
    parts: list[_Part] = [call.args.text("markdown_text")]
    for chunk in call.args.objects("chunks", "invalid_chunks"):
        match chunk:
            case {"type": "markdown_text", "text": str(text)}:
                parts.append(text)
            case {"type": "blocks", "blocks": list(blocks)}:
                parts.append(blocks)
            case {"type": "task_update" | "plan_update"}:
                pass  # not shown
            case _:
                raise ApiError("invalid_chunks")
    parts.append(call.args.objects("blocks", "invalid_blocks_format"))
    if sum(len(part) for part in parts if isinstance(part, str)) > MAX_MARKDOWN:
        raise ApiError("msg_too_long")
    blocks = [block for part in parts if isinstance(part, list) for block in part]
    if errors := block_errors(blocks, "message", call.workspace.state.refused_blocks):
        raise ApiError("invalid_blocks", response_metadata={"messages": errors})
    return parts


def _content(text: str, blocks: list[dict[str, Any]], parts: list[_Part]) -> dict[str, Any]:
    """Return the text and the blocks of a message after ``parts`` were appended to them."""
    blocks = list(blocks)
    for part in parts:
        if isinstance(part, list):
            blocks += part
        elif part:
            before = blocks.pop()["text"] if blocks and blocks[-1]["type"] == "markdown" else ""
            blocks.append({"type": "markdown", "text": before + part})
            text += part
    return {"text": text, "blocks": blocks}


def _stream(call: MethodCall) -> tuple[Channel, Message]:
    """Return the message that is being streamed. Raises ApiError `message_not_in_streaming_state`."""
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.bot_id != call.workspace.bot_id or not message.is_streaming:
        raise ApiError("message_not_in_streaming_state")
    return channel, message


def _append(call: MethodCall, message: Message) -> None:
    call.workspace.messages.edit(message, None, **_content(message.text, message.blocks, _appended(call)))


@method("chat.startStream", scope="chat:write")
def chat_start_stream(call: MethodCall) -> dict[str, Any]:
    """Post a message to which text can be appended; in a channel it is for one recipient."""
    channel, args = post_channel(call), call.args
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not args.text(name):
                raise ApiError(f"missing_{name}")
    content = _content("", [], _appended(call)) | author_fields(call)
    message = call.workspace.messages.post(
        channel, call.workspace.bot_user_id, thread_ts=args.required("thread_ts"), is_streaming=True, **content
    )
    return {"channel": channel.id, "ts": message.ts}


@method("chat.appendStream", scope="chat:write")
def chat_append_stream(call: MethodCall) -> dict[str, Any]:
    """Append to a message that is being streamed."""
    channel, message = _stream(call)
    if not call.args.text("markdown_text") and not call.args.get("chunks"):
        raise ApiError("no_text")
    _append(call, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.stopStream", scope="chat:write")
def chat_stop_stream(call: MethodCall) -> dict[str, Any]:
    """Append the end of a message, and finish it."""
    channel, message = _stream(call)
    _append(call, message)
    message.is_streaming = False
    return {"channel": channel.id, "ts": message.ts, "message": message_object(call.workspace.state, message)}
