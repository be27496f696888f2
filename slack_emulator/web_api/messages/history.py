"""conversations.history and conversations.replies: the messages of channels and threads."""

import re
from collections.abc import Iterable
from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import message_object
from slack_emulator.state.models import Channel, Message
from slack_emulator.web_api.conversations import readable_channel
from slack_emulator.web_api.registry import Args, MethodCall, method

_TS = re.compile(r"\d+(\.\d+)?")
_CURSOR = re.compile(r"next_ts:(\d+\.\d{6})")


@method("conversations.history")
def conversations_history(call: MethodCall) -> dict[str, Any]:
    """List the messages of a channel without thread replies, the newest first."""
    channel = readable_channel(call, "history")
    if call.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    timeline = [
        message
        for message in channel.messages.values()
        if not message.visible_to and (not message.is_reply or message.subtype == "thread_broadcast")
    ]
    return _message_page(call, channel, reversed(list(_between(timeline, call.args))), newest_first=True)


@method("conversations.replies")
def conversations_replies(call: MethodCall) -> dict[str, Any]:
    """List the messages of a thread, the oldest first."""
    channel = readable_channel(call, "history")
    if call.workspace.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    parent = channel.find_message(call.args.required("ts"))
    if parent is None:
        raise ApiError("thread_not_found")
    if parent.is_reply:
        return _message_page(call, channel, [parent])
    return _message_page(call, channel, [parent, *_between(channel.replies(parent.ts), call.args)])


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


def _message_page(
    call: MethodCall, channel: Channel, messages: Iterable[Message], *, newest_first: bool = False
) -> dict[str, Any]:
    """Return a page of messages.

    The cursor is the ts of the first message of the next page, so that new and deleted messages do not shift pages.

    Raises:
        ApiError: `invalid_cursor`.
    """
    limit, cursor, listed = call.args.limit(zero_is_default=True), call.args.text("cursor"), list(messages)
    if call.workspace.history_limit:
        limit = min(limit, call.workspace.history_limit.messages)
    if cursor:
        found = _CURSOR.fullmatch(cursor)
        if not found:
            raise ApiError("invalid_cursor")
        at = _microseconds(found[1])
        listed = [m for m in listed if (_microseconds(m.ts) <= at if newest_first else _microseconds(m.ts) >= at)]
    metadata = call.args.flag("include_all_metadata")
    shown = [message_object(call.workspace.state, message, metadata=metadata) for message in listed[:limit]]
    response: dict[str, Any] = {"messages": shown, "has_more": len(listed) > limit, "pin_count": len(channel.pinned)}
    following = {"response_metadata": {"next_cursor": f"next_ts:{listed[limit].ts}"}} if len(listed) > limit else {}
    return response | following
