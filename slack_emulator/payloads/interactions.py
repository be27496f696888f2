"""The payloads of commands, buttons, shortcuts and modals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_emulator.payloads.input_values import STATELESS, Values, element_state, filled_in
from slack_emulator.payloads.objects import message_object, view_object
from slack_emulator.state.installation import Installation
from slack_emulator.state.models import Channel, Message, State, View


@dataclass(frozen=True)
class Outcome:
    """What became of an interaction.

    Attributes:
        error: `operation_timeout` when no acknowledgement came in time, `dispatch_failed` when nobody could be asked.
        payload: What the acknowledgement carried.
    """

    error: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged."""
        return self.error is None


@dataclass(frozen=True)
class CommandOutcome(Outcome):
    """What became of a slash command.

    Attributes:
        message: The message that its acknowledgement made, or Slackbot's about its failure.
    """

    message: Message | None = None


def command_payload(
    state: State, user: str, channel: Channel, command: str, text: str, trigger_id: str, response_url: str
) -> dict[str, Any]:
    """Make the form fields of a slash command."""
    app = state.installation
    names = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        "team_domain": app.domain,
        "channel_id": channel.id,
        "channel_name": names.get(channel.kind, channel.name),
        "user_id": user,
        "user_name": state.users[user].name,
        "command": command,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def base_payload(state: State, kind: str, user: str, /, **fields: object) -> dict[str, Any]:
    """Make what all interaction payloads have."""
    app, person = state.installation, state.users[user]
    return {
        "type": kind,
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": app.team_id},
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "team": {"id": app.team_id, "domain": app.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        **fields,
    }


def channel_field(channel: Channel) -> dict[str, Any]:
    """Make the `channel` of an interaction payload."""
    return {"id": channel.id, "name": "directmessage" if channel.kind == "im" else channel.name}


def message_container(state: State, message: Message, values: Values) -> dict[str, Any]:
    """Make what a `block_actions` payload says about the message, and what is chosen in its menus.

    The message itself is left out where it is ephemeral, as Slack does.
    """
    channel = state.channels[message.channel]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.visible_to is not None,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
    }
    shown = {} if message.visible_to else {"message": message_object(state, message)}
    return {"container": container, "channel": channel_field(channel), "state": {"values": values}, **shown}


def view_container(installation: Installation, view: View) -> dict[str, Any]:
    """Make what a `block_actions` payload says about the view."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": view_object(installation, view),
        "state": {"values": view.values},
    }


def action(block: Mapping[str, Any], element: Mapping[str, Any], value: object, ts: str) -> dict[str, Any]:
    """Make the entry of `actions` for an element that was pressed or chosen in."""
    made = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if element["type"] in STATELESS - {"overflow", "feedback_buttons"}:
        return made | {name: element[name] for name in ("text", "value", "style", "icon") if name in element}
    return made | element_state(element, value)


def fill_in(state: State, user: str, thing: Message | View, values: Mapping[str, Any]) -> None:
    """Type and choose in the inputs of a view or a message; see `filled_in` for the values and what it raises."""
    files = {file.id: file.as_slack() for file in state.files.values()}
    if isinstance(thing, View):
        thing.values = filled_in(thing.content["blocks"], thing.values, values, files)
    else:
        thing.values[user] = filled_in(thing.blocks, thing.values.get(user, {}), values)
