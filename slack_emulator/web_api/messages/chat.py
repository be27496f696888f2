"""chat.*: posting, updating and deleting the app's messages."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import message_object
from slack_emulator.state.models import Channel, Message
from slack_emulator.validation.blocks import block_errors
from slack_emulator.web_api.registry import MethodCall, method
from slack_emulator.workspace import Workspace

_OPTIONAL = ("username", "icon_emoji", "icon_url")


def permalink(workspace: Workspace, message: Message) -> str:
    """Return the permalink of a message."""
    link = f"{workspace.url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link


def _content(call: MethodCall) -> dict[str, Any]:
    """Return the validated content of a message. Raises ApiError."""
    args = call.args
    blocks = args.objects("blocks", "invalid_blocks_format")
    attachments = args.objects("attachments", "invalid_attachments")
    if markdown := args.text("markdown_text"):
        if blocks or args.text("text"):
            raise ApiError("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    if not (blocks or attachments or args.text("text")):
        raise ApiError("no_text")
    if errors := block_errors(blocks, "message", call.workspace.state.refused_blocks):
        raise ApiError("invalid_blocks", response_metadata={"messages": errors})
    metadata = args.json("metadata", "invalid_metadata_format")
    if metadata is not None and not (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    ):
        raise ApiError("invalid_metadata_format")
    content = {"text": args.text("text"), "blocks": blocks, "attachments": attachments, "metadata": metadata}
    return content | author_fields(call)


def author_fields(call: MethodCall) -> dict[str, Any]:
    """Return the fields of a message that tell who posts it: another name or icon, and the workflow step."""
    step = {"step_id": call.step_id} if call.step_id else {}
    return step | {name: call.args[name] for name in _OPTIONAL if call.args.text(name)}


def post_channel(call: MethodCall) -> Channel:
    """Return the channel to post in; for a user id, the direct message. Raises ApiError."""
    workspace = call.workspace
    channel_id = call.args.required("channel")
    if channel_id in workspace.state.users and channel_id != workspace.bot_user_id:
        return workspace.state.dm(channel_id)
    channel = call.channel(by_name=True)
    if workspace.bot_user_id not in channel.members and "chat:write.public" not in workspace.state.granted_scopes:
        raise ApiError("not_in_channel")
    if channel.is_archived:
        raise ApiError("is_archived")
    return channel


@method("chat.postMessage", scope="chat:write")
def chat_post_message(call: MethodCall) -> dict[str, Any]:
    """Post a message; as in Slack, in the channel instead of a thread whose first message has been deleted."""
    workspace, args = call.workspace, call.args
    channel, content = post_channel(call), _content(call)
    thread_ts = args.text("thread_ts") or None
    if thread_ts in channel.deleted:
        thread_ts = None
    if thread_ts and args.flag("reply_broadcast"):
        content["subtype"] = "thread_broadcast"
    message = workspace.messages.post(channel, workspace.bot_user_id, thread_ts=thread_ts, **content)
    return {"channel": channel.id, "ts": message.ts, "message": message_object(workspace.state, message)}


@method("chat.meMessage", scope="chat:write")
def chat_me_message(call: MethodCall) -> dict[str, Any]:
    """Post a `/me` message."""
    channel, text = post_channel(call), call.args.text("text")
    if not text:
        raise ApiError("no_text")
    message = call.workspace.messages.post(channel, call.workspace.bot_user_id, text, subtype="me_message")
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", scope="chat:write")
def chat_post_ephemeral(call: MethodCall) -> dict[str, Any]:
    """Post an ephemeral message."""
    workspace = call.workspace
    channel, user, content = post_channel(call), call.args.required("user"), _content(call)
    if user not in workspace.state.users:
        raise ApiError("user_not_found")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    message = workspace.messages.post_ephemeral(channel, user, thread_ts=call.args.text("thread_ts") or None, **content)
    return {"message_ts": message.ts}


@method("chat.update", scope="chat:write")
def chat_update(call: MethodCall) -> dict[str, Any]:
    """Update one of the app's messages."""
    workspace = call.workspace
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.bot_id != workspace.bot_id:
        raise ApiError("cant_update_message")
    content = _content(call)
    for name in ("blocks", "attachments", "metadata"):  # missing arguments leave the message unchanged
        if name not in call.args and not (name == "blocks" and call.args.text("markdown_text")):
            del content[name]
    workspace.messages.edit(message, workspace.bot_user_id, **content)
    shown = message_object(workspace.state, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", scope="chat:write")
def chat_delete(call: MethodCall) -> dict[str, Any]:
    """Delete one of the app's messages."""
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.bot_id != call.workspace.bot_id:
        raise ApiError("cant_delete_message")
    call.workspace.messages.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def chat_get_permalink(call: MethodCall) -> dict[str, Any]:
    """Return the permalink of a message."""
    channel = call.channel()
    return {
        "channel": channel.id,
        "permalink": permalink(call.workspace, call.message(channel, "message_ts")),
    }
