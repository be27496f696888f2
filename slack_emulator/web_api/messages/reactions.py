"""reactions.*: reactions to messages."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import message_object
from slack_emulator.web_api.messages.chat import permalink
from slack_emulator.web_api.registry import MethodCall, method, page


@method("reactions.add", scope="reactions:write")
def reactions_add(call: MethodCall) -> dict[str, Any]:
    """Add a reaction by the bot."""
    message = call.item()
    channel = call.workspace.state.channels[message.channel]
    if call.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    if channel.is_archived:
        raise ApiError("is_archived")
    call.workspace.messages.react(message, call.workspace.bot_user_id, call.args.required("name"))
    return {}


@method("reactions.remove", scope="reactions:write")
def reactions_remove(call: MethodCall) -> dict[str, Any]:
    """Remove a reaction by the bot."""
    call.workspace.messages.unreact(call.item(), call.workspace.bot_user_id, call.args.required("name"))
    return {}


@method("reactions.get", scope="reactions:read")
def reactions_get(call: MethodCall) -> dict[str, Any]:
    """Return a message with its reactions."""
    message = call.item()
    shown = message_object(call.workspace.state, message) | {"permalink": permalink(call.workspace, message)}
    return {"type": "message", "channel": message.channel, "message": shown}


@method("reactions.list", scope="reactions:read")
def reactions_list(call: MethodCall) -> dict[str, Any]:
    """List the messages with a reaction by the bot or another `user`, in channels of the bot."""
    workspace, user = call.workspace, call.args.text("user") or call.workspace.bot_user_id
    if user not in workspace.state.users:
        raise ApiError("user_not_found")
    reacted = [
        {"type": "message", "channel": channel.id, "message": message_object(workspace.state, message)}
        for channel in workspace.state.channels.values()
        if workspace.bot_user_id in channel.members
        for message in channel.messages.values()
        if any(user in users for users in message.reactions.values())
    ]
    items, metadata = page(reacted[::-1], call.args, call.args.limit(zero_is_default=True))
    return {"items": items, "response_metadata": metadata}
