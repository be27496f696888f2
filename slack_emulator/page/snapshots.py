"""The data that a window of the page shows, as JSON objects."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from slack_emulator.payloads.objects import message_object, view_object
from slack_emulator.state.models import SLACKBOT, Channel, Message
from slack_emulator.workspace import Workspace


def overview(workspace: Workspace, user: str = "") -> dict[str, Any]:
    """Return people, channels, commands and so on; `latest` is the ts of a channel's last message that `user` sees."""
    app, state = workspace.installation, workspace.state
    return {
        "app": app.name,
        "team": app.team_name,
        "organization": state.organization and state.organization.name,
        "bot_user_id": app.bot_user_id,
        "connected": workspace.delivery.transport.ready,
        "was_connected": workspace.sockets.used or workspace.delivery.transport.ready,
        "home_tab": app.home_tab,
        "agent": app.agent_view
        and {
            "description": app.agent_view["agent_description"],
            "prompts": app.agent_view.get("suggested_prompts", []),
            "can_stop": "agent_session_stopped" in app.bot_events,
        },
        "example": workspace.example,
        "suggestions": [asdict(suggestion) for suggestion in workspace.suggestions],
        "commands": [{"command": name, "hint": app.command_hints[name]} for name in app.commands],
        "shortcuts": [asdict(shortcut) for shortcut in app.shortcuts],
        "steps": [
            {
                "callback_id": function.callback_id,
                "title": function.title,
                "description": function.description,
                "inputs": [asdict(parameter) for parameter in function.inputs],
                "outputs": [asdict(parameter) for parameter in function.outputs],
            }
            for function in app.functions.values()
        ],
        "users": [{"id": user.id, "name": user.name, "real_name": user.real_name} for user in state.users.values()],
        "channels": [
            {
                "id": channel.id,
                "name": channel.name,
                "kind": channel.kind,
                "topic": channel.topic,
                "members": channel.members,
                "is_archived": channel.is_archived,
                "latest": _latest(channel, user),
            }
            for channel in state.channels.values()
        ],
    }


def _latest(channel: Channel, user: str) -> str:
    newest_first = reversed(channel.messages.values())
    return next((message.ts for message in newest_first if message.is_visible_to(user)), "")


def messages(workspace: Workspace, user: str, channel: str, limit: int = 0) -> list[dict[str, Any]]:
    """Return the last `limit` messages that a user sees in a channel (0 for all), with the names of their authors."""
    return [_message(workspace, message) for message in workspace.seen_by(user, channel)[-limit:]]


def _message(workspace: Workspace, message: Message) -> dict[str, Any]:
    author = workspace.state.users.get(message.user)
    name = "Slackbot" if message.user == SLACKBOT else author.real_name if author else message.user
    return message_object(workspace.state, message) | {
        "author": message.fields.get("username", name),
        "channel": message.channel,
        "ephemeral": message.visible_to is not None,
    }


def agent(workspace: Workspace, user: str) -> dict[str, Any]:
    """Return the prompts, the sessions by ts of the thread, and what a user is looking at, of the agent view."""
    state, dm = workspace.state, workspace.state.dm(user).id
    sessions = {ts: asdict(session) for (channel, ts), session in state.sessions.items() if channel == dm}
    return {"prompts": state.prompts.get(dm), "sessions": sessions, "context": state.contexts.get(user, [])}


def views(workspace: Workspace, user: str) -> Mapping[str, Any]:
    """Return a user's topmost open modal and App Home."""
    shown = {"modal": workspace.modal(user), "home": workspace.home(user)}
    return {name: view and view_object(workspace.installation, view) for name, view in shown.items()}
