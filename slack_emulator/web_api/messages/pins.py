"""pins.*: the messages pinned to a channel."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import message_object
from slack_emulator.state.models import Channel
from slack_emulator.web_api.messages.chat import permalink
from slack_emulator.web_api.registry import MethodCall, method


def _item(call: MethodCall) -> tuple[Channel, str]:
    """Return the channel and ts of the message. Raises ApiError."""
    message = call.item()
    return call.joined_channel(), message.ts


@method("pins.add", scope="pins:write")
def pins_add(call: MethodCall) -> dict[str, Any]:
    """Pin a message."""
    channel, ts = _item(call)
    if ts in channel.pinned:
        raise ApiError("already_pinned")
    channel.pinned[ts] = int(call.workspace.state.clock())
    return {}


@method("pins.remove", scope="pins:write")
def pins_remove(call: MethodCall) -> dict[str, Any]:
    """Remove a pin."""
    channel, ts = _item(call)
    if ts not in channel.pinned:
        raise ApiError("not_pinned")
    del channel.pinned[ts]
    return {}


@method("pins.list", scope="pins:read")
def pins_list(call: MethodCall) -> dict[str, Any]:
    """List the pinned messages of a channel, the latest pin first."""
    workspace, channel = call.workspace, call.joined_channel()
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "created": created,
            "created_by": workspace.bot_user_id,
            "message": message_object(workspace.state, message) | {"permalink": permalink(workspace, message)},
        }
        for ts, created in channel.pinned.items()
        if (message := channel.find_message(ts))
    ]
    return {"items": items[::-1]}
