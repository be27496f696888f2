"""conversations.*: channels, their members, and their messages."""

import re
from collections.abc import Iterable
from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import channel_object, message_object
from slack_emulator.state.models import Channel, Message
from slack_emulator.web_api.registry import Args, MethodCall, method, page

_SCOPE_PREFIXES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_CHANNEL_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
MAX_GROUP_DM = 8
_TS = re.compile(r"\d+(\.\d+)?")
_CURSOR = re.compile(r"next_ts:(\d+\.\d{6})")


def _channel(call: MethodCall, permission: str) -> Channel:
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
    channel = _channel(call, "read")
    members = call.args.flag("include_num_members")
    return {"channel": channel_object(call.workspace.state, channel, members=members)}


@method("conversations.members")
def conversations_members(call: MethodCall) -> dict[str, Any]:
    """List the members of a channel."""
    channel = _channel(call, "read")
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


@method("conversations.history")
def conversations_history(call: MethodCall) -> dict[str, Any]:
    """List the messages of a channel without thread replies, the newest first."""
    channel = _channel(call, "history")
    if call.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    timeline = [
        message
        for message in channel.messages.values()
        if not message.visible_to and (not message.is_reply or message.subtype == "thread_broadcast")
    ]
    return _message_page(call, reversed(list(_between(timeline, call.args))), newest_first=True)


@method("conversations.replies")
def conversations_replies(call: MethodCall) -> dict[str, Any]:
    """List the messages of a thread, the oldest first."""
    channel = _channel(call, "history")
    if call.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    parent = channel.find_message(call.args.required("ts"))
    if parent is None:
        raise ApiError("thread_not_found")
    if parent.is_reply:
        return _message_page(call, [parent])
    return _message_page(call, [parent, *_between(channel.replies(parent.ts), call.args)])


def _between(messages: Iterable[Message], args: Args) -> Iterable[Message]:
    """Yield the messages between `oldest` and `latest`, including these if `inclusive` is set. Raises ApiError."""
    bounds: dict[str, float] = {}
    for name, default in (("oldest", "0"), ("latest", "inf")):
        text = args.text(name)
        if text and not _TS.fullmatch(text):
            raise ApiError(f"invalid_ts_{name}")
        bounds[name] = _microseconds(text or default)
    inclusive = args.flag("inclusive")
    for message in messages:
        ts = _microseconds(message.ts)
        if bounds["oldest"] < ts < bounds["latest"] or (inclusive and ts in bounds.values()):
            yield message


def _microseconds(ts: str) -> float:
    """Parse a ts into microseconds. A float in seconds would not be exact enough."""
    if ts == "inf":
        return float(ts)
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int((fraction + "000000")[:6])


def _message_page(call: MethodCall, messages: Iterable[Message], *, newest_first: bool = False) -> dict[str, Any]:
    """Return a page of messages.

    The cursor is the ts of the first message of the next page, so that new and deleted messages do not shift pages.

    Raises:
        ApiError: `invalid_cursor`.
    """
    limit, cursor, listed = call.args.limit(zero_is_default=True), call.args.text("cursor"), list(messages)
    if cursor:
        found = _CURSOR.fullmatch(cursor)
        if not found:
            raise ApiError("invalid_cursor")
        at = _microseconds(found[1])
        listed = [m for m in listed if (_microseconds(m.ts) <= at if newest_first else _microseconds(m.ts) >= at)]
    metadata = call.args.flag("include_all_metadata")
    shown = [message_object(call.workspace.state, message, metadata=metadata) for message in listed[:limit]]
    response: dict[str, Any] = {"messages": shown, "has_more": len(listed) > limit, "pin_count": 0}
    following = {"response_metadata": {"next_cursor": f"next_ts:{listed[limit].ts}"}} if len(listed) > limit else {}
    return response | following
