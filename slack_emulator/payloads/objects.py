"""Users, messages, channels, views and other objects as the Web API and events represent them."""

from dataclasses import asdict
from typing import Any

from slack_emulator.state.installation import Function, InstalledApp
from slack_emulator.state.models import Channel, File, Message, User, View
from slack_emulator.state.state import State


def user_object(user: User, *, email: bool = False) -> dict[str, Any]:
    """Return a user object, with the `email` address if the app may see it."""
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "tz": user.tz,
        "tz_label": user.tz_label,
        "tz_offset": user.tz_offset,
        "is_admin": False,
        "is_bot": user.bot_id is not None,
        "is_app_user": False,
        "updated": 0,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "team": user.team_id,
            **({"bot_id": user.bot_id} if user.bot_id else {}),
            **({"email": user.email} if email and user.email else {}),
        },
    }


def message_object(state: State, message: Message, *, metadata: bool = True) -> dict[str, Any]:
    """Return a message object, with its reactions and, for the parent of a thread, the reply counts."""
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
    if message.ts in channel.pinned:
        shown["pinned_to"] = [channel.id]
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    return shown


def channel_object(state: State, channel: Channel, *, members: bool = False) -> dict[str, Any]:
    """Return a conversation object as the bot sees it; `members` adds `num_members`."""
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
        return base | {"user": channel.dm_user, "is_user_deleted": False}
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


def view_object(installation: InstalledApp, view: View) -> dict[str, Any]:
    """Return a view object."""
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


def bot_profile(installation: InstalledApp) -> dict[str, Any]:
    """Return the `bot_profile` of the bot's messages."""
    return {
        "id": installation.bot_id,
        "app_id": installation.app_id,
        "name": installation.bot_name,
        "icons": {},
        "deleted": False,
        "updated": 0,
        "team_id": installation.team_id,
    }


def file_object(file: File) -> dict[str, Any]:
    """Return a file object."""
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2].lower() if "." in file.name else "binary",
        "user": file.user,
        "mode": "hosted",
        "editable": False,
        "size": file.size,
        "is_external": False,
        "is_public": bool(file.channels),
        "url_private": file.url,
        "url_private_download": file.url,
        "permalink": file.url,
        "alt_txt": file.alt_txt,
        "channels": list(file.channels),
    }


def function_object(function: Function, app_id: str) -> dict[str, Any]:
    """Return a function as the `function_executed` event represents it."""
    return {
        "id": function.id,
        "callback_id": function.callback_id,
        "title": function.title,
        "description": function.description,
        "type": "app",
        "input_parameters": [asdict(parameter) for parameter in function.inputs],
        "output_parameters": [asdict(parameter) for parameter in function.outputs],
        "app_id": app_id,
        "date_created": function.created,
        "date_updated": function.created,
        "date_deleted": 0,
    }
