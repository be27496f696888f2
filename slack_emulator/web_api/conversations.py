"""conversations.*: channels and their members; their messages are in `history`."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import channel_object
from slack_emulator.state.models import Channel, ChannelKind
from slack_emulator.web_api.registry import MethodCall, method, page

_SCOPE_PREFIXES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_CHANNEL_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
MAX_GROUP_DM = 8


def readable_channel(call: MethodCall, permission: str) -> Channel:
    """Return the channel, if the token has the scope for that kind of channel. Raises ApiError."""
    channel = call.channel()
    call.check_scope(f"{_SCOPE_PREFIXES[channel.kind]}:{permission}")
    return channel


@method("conversations.list")
def conversations_list(call: MethodCall) -> dict[str, Any]:
    """List the channels that are visible to the bot."""
    visible = [channel_object(call.workspace.state, channel, members=True) for channel in _visible(call)]
    channels, metadata = page(visible, call.args)
    return {"channels": channels, "response_metadata": metadata}


@method("users.conversations")
def users_conversations(call: MethodCall) -> dict[str, Any]:
    """List the channels of the bot or another `user`, if they are visible to the bot."""
    user = call.args.text("user") or call.workspace.bot_user_id
    if user not in call.workspace.state.users:
        raise ApiError("user_not_found")
    joined = [channel_object(call.workspace.state, channel) for channel in _visible(call) if user in channel.members]
    channels, metadata = page(joined, call.args)
    return {"channels": channels, "response_metadata": metadata}


def _visible(call: MethodCall) -> list[Channel]:
    """Return the channels of the given `types` that are visible to the bot. Raises ApiError `invalid_types`."""
    types = [name.strip() for name in (call.args.text("types") or "public_channel").split(",")]
    if not set(types) <= _CHANNEL_KINDS.keys():
        raise ApiError("invalid_types")
    kinds = [_CHANNEL_KINDS[name] for name in types]
    for kind in kinds:
        call.check_scope(f"{_SCOPE_PREFIXES[kind]}:read")
    return [
        channel
        for channel in call.workspace.state.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or call.workspace.bot_user_id in channel.members)
        and not (channel.is_archived and call.args.flag("exclude_archived"))
    ]


@method("conversations.info")
def conversations_info(call: MethodCall) -> dict[str, Any]:
    """Return a channel."""
    channel = readable_channel(call, "read")
    members = call.args.flag("include_num_members")
    return {"channel": channel_object(call.workspace.state, channel, members=members)}


@method("conversations.members")
def conversations_members(call: MethodCall) -> dict[str, Any]:
    """List the members of a channel."""
    channel = readable_channel(call, "read")
    members, metadata = page([{"id": member} for member in channel.members], call.args)
    return {"members": [member["id"] for member in members], "response_metadata": metadata}


@method("conversations.join", scope="channels:join")
def conversations_join(call: MethodCall) -> dict[str, Any]:
    """Add the bot to a public channel; return a warning if it is a member already."""
    channel = call.channel()
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    shown: dict[str, Any] = {}
    if call.workspace.bot_user_id in channel.members and not channel.is_archived:
        shown = {
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    else:
        call.workspace.members.join(channel, call.workspace.bot_user_id)
    return {"channel": channel_object(call.workspace.state, channel), **shown}


@method("conversations.open")
def conversations_open(call: MethodCall) -> dict[str, Any]:
    """Open a direct message with one or more people."""
    workspace, args = call.workspace, call.args
    if channel_id := args.text("channel"):
        found = workspace.state.channels.get(channel_id)
        if found is None or found.kind not in ("im", "mpim"):
            raise ApiError("channel_not_found")
        call.check_scope(f"{found.kind}:write")
        channel = found
    else:
        users = [user.strip() for user in args.text("users").split(",") if user.strip()]
        if not users:
            raise ApiError("users_list_not_supplied")
        if len(users) > MAX_GROUP_DM:
            raise ApiError("too_many_users")
        call.check_scope("mpim:write" if len(users) > 1 else "im:write")
        if not set(users) <= workspace.state.users.keys() - {workspace.bot_user_id}:
            raise ApiError("user_not_found")
        channel = workspace.state.dm(users[0]) if len(users) == 1 else workspace.state.group_dm(users)
    shown = channel_object(workspace.state, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": shown, "no_op": True, "already_open": True}


def _manageable_channel(call: MethodCall, permission: str = "") -> Channel:
    """Return the channel, if the token has a scope to change that kind of channel. Raises ApiError.

    Args:
        call: The call.
        permission: What a narrower scope allows: `invites` or `topic`.
    """
    channel = call.channel()
    prefix = _SCOPE_PREFIXES[channel.kind]
    narrower = [f"{prefix}:write.{permission}"] if permission else []
    call.check_scope(*_manage_scopes(channel.kind), *narrower)
    return channel


def _manage_scopes(kind: str) -> tuple[str, ...]:
    return ("channels:manage", "channels:write") if kind == "channel" else (f"{_SCOPE_PREFIXES[kind]}:write",)


def _check_kind(channel: Channel) -> None:
    """Check that it is no direct message. Raises ApiError `method_not_supported_for_channel_type`."""
    if channel.kind not in ("channel", "group"):
        raise ApiError("method_not_supported_for_channel_type")


@method("conversations.create")
def conversations_create(call: MethodCall) -> dict[str, Any]:
    """Create a public or private channel with the bot as its member."""
    kind: ChannelKind = "group" if call.args.flag("is_private") else "channel"
    call.check_scope(*_manage_scopes(kind))
    channel = call.workspace.members.create(call.args.text("name"), kind, call.workspace.bot_user_id)
    return {"channel": channel_object(call.workspace.state, channel)}


@method("conversations.archive")
def conversations_archive(call: MethodCall) -> dict[str, Any]:
    """Archive a channel."""
    _check_kind(_manageable_channel(call))
    call.workspace.members.archive(call.joined_channel(), call.workspace.bot_user_id)
    return {}


@method("conversations.invite")
def conversations_invite(call: MethodCall) -> dict[str, Any]:
    """Invite people to a channel: all of them, or none if one cannot be invited."""
    workspace, channel = call.workspace, _manageable_channel(call, "invites")
    _check_kind(channel)
    users = [user.strip() for user in call.args.text("users").split(",") if user.strip()]
    if not users:
        raise ApiError("no_user")
    if workspace.bot_user_id in users:
        raise ApiError("cant_invite_self")
    if not set(users) <= workspace.state.users.keys():
        raise ApiError("user_not_found")
    call.joined_channel()
    if set(users) & set(channel.members):
        raise ApiError("already_in_channel")
    for user in dict.fromkeys(users):
        workspace.members.join(channel, user, inviter=workspace.bot_user_id)
    return {"channel": channel_object(workspace.state, channel)}


@method("conversations.leave")
def conversations_leave(call: MethodCall) -> dict[str, Any]:
    """Remove the bot from a channel."""
    channel = _manageable_channel(call)
    _check_kind(channel)
    if call.workspace.bot_user_id not in channel.members:
        return {"not_in_channel": True}
    call.workspace.members.remove_bot(channel)
    return {}


@method("conversations.setTopic")
def conversations_set_topic(call: MethodCall) -> dict[str, Any]:
    """Set the topic of a channel."""
    workspace, channel = call.workspace, _manageable_channel(call, "topic")
    _check_kind(channel)
    call.joined_channel()
    workspace.members.set_topic(channel, workspace.bot_user_id, call.args.text("topic"))
    return {"channel": channel_object(workspace.state, channel)}


@method("conversations.mark")
def conversations_mark(call: MethodCall) -> dict[str, Any]:
    """Set the read cursor of the bot, which nobody sees."""
    _manageable_channel(call)
    call.joined_channel()
    if not call.args.required("ts").replace(".", "", 1).isdecimal():
        raise ApiError("invalid_timestamp")
    return {}
