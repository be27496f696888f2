"""The JSON objects in which Slack shows messages, channels and views."""

from typing import Any

from slack_emulator.state.installation import Installation
from slack_emulator.state.models import Channel, Message, State, View


def message_object(state: State, message: Message, *, metadata: bool = True) -> dict[str, Any]:
    """Give a message as history, events and interactions show it, with its thread's figures and its reactions."""
    channel = state.channels[message.channel]
    shown: dict[str, Any] = {
        "type": "message",
        "subtype": message.subtype,
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": message.team,
        "bot_id": message.bot_id,
        "app_id": message.app_id,
        "bot_profile": message.bot_profile,
        "blocks": message.blocks or None,
        "attachments": message.attachments or None,
        "files": message.files or None,
        "edited": message.edited,
        "metadata": message.metadata if metadata else None,
        "thread_ts": message.thread_ts,
    }
    shown = {name: value for name, value in shown.items() if value is not None} | message.fields
    if message.is_reply and message.thread_ts:
        parent = channel.messages.get(message.thread_ts)
        shown["parent_user_id"] = parent.user if parent else None
    elif replies := channel.replies(message.ts):
        shown |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": (users := list(dict.fromkeys(reply.user for reply in replies))),
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
            "is_locked": False,
            "subscribed": False,
        }
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    return shown


def channel_object(state: State, channel: Channel, *, members: bool = False) -> dict[str, Any]:
    """Give a conversation object of the Web API as the bot sees it."""
    base = {
        "id": channel.id,
        "created": channel.created,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_archived": channel.is_archived,
        "is_org_shared": False,
        "context_team_id": state.installation.team_id,
    }
    if channel.kind == "im":
        return base | {"user": channel.with_person, "is_user_deleted": False}
    return base | {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": channel.creator,
        "is_general": channel.name == "general",
        "is_member": state.installation.bot_user_id in channel.members,
        "is_shared": False,
        "is_ext_shared": False,
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": channel.created},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        **({"num_members": len(channel.members)} if members else {}),
    }


def view_object(installation: Installation, view: View) -> dict[str, Any]:
    """Give a view as the Web API and interactions show it."""
    content = view.content
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "submit": None,
        "close": None,
        **content,
        "id": view.id,
        "team_id": installation.team_id,
        "app_id": installation.app_id,
        "app_installed_team_id": installation.team_id,
        "bot_id": installation.bot_id,
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
    }


def bot_profile(installation: Installation) -> dict[str, Any]:
    """Give the profile that a bot's messages carry."""
    return {
        "id": installation.bot_id,
        "app_id": installation.app_id,
        "name": installation.bot_name,
        "icons": {},
        "deleted": False,
        "updated": 0,
        "team_id": installation.team_id,
    }
