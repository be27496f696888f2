"""The payloads of slash commands, block actions, shortcuts and views, and the outcome of sending one.

https://docs.slack.dev/reference/interaction-payloads
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_emulator.payloads.elements import STATELESS
from slack_emulator.payloads.input_values import element_state
from slack_emulator.payloads.objects import message_object, view_object
from slack_emulator.state.installation import InstalledApp
from slack_emulator.state.models import Channel, Message, Values, View
from slack_emulator.state.state import State
from slack_emulator.validation.elements import FEEDBACK_HALVES


@dataclass(frozen=True)
class Outcome:
    """The outcome of an interaction.

    Attributes:
        error: `operation_timeout` if the app did not acknowledge in time, `dispatch_failed` if it is not connected.
        payload: The payload of the acknowledgement.
    """

    error: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged the interaction."""
        return self.error is None


@dataclass(frozen=True)
class CommandOutcome(Outcome):
    """The outcome of a slash command.

    Attributes:
        message: The message from the acknowledgement, or Slackbot's message about the failure.
    """

    message: Message | None = None


def command_payload(
    state: State, user: str, channel: Channel, command: str, text: str, trigger_id: str, response_url: str
) -> dict[str, Any]:
    """Return the payload of a slash command."""
    app, organization = state.installation, state.organization
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
        **({"enterprise_id": organization.id, "enterprise_name": organization.name} if organization else {}),
        "is_enterprise_install": "true" if state.granting else "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def base_payload(state: State, kind: str, user: str, /, **fields: object) -> dict[str, Any]:
    """Return the fields that all interaction payloads share, plus the given ones.

    With an installation of the organization, `team` is null if the interaction is not about a message.
    """
    app, person, organization = state.installation, state.users[user], state.organization
    team = {"id": app.team_id, "domain": app.domain}
    if organization:
        team |= {"enterprise_id": organization.id, "enterprise_name": organization.name}
    return {
        "type": kind,
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": app.team_id},
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "team": None if state.granting and "channel" not in fields else team,
        "enterprise": {"id": organization.id, "name": organization.name} if organization else None,
        "is_enterprise_install": state.granting is not None,
        **fields,
    }


def channel_field(channel: Channel) -> dict[str, Any]:
    """Return the `channel` field of an interaction payload."""
    return {"id": channel.id, "name": "directmessage" if channel.kind == "im" else channel.name}


def message_container(state: State, message: Message, values: Values) -> dict[str, Any]:
    """Return the fields of a `block_actions` payload about a message; `values` are those of its input elements.

    As in Slack, an ephemeral message itself is left out.
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


def view_container(installation: InstalledApp, view: View) -> dict[str, Any]:
    """Return the fields of a `block_actions` payload about a view."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": view_object(installation, view),
        "state": {"values": view.values},
    }


def action(block: Mapping[str, Any], element: Mapping[str, Any], value: object, ts: str) -> dict[str, Any]:
    """Return the entry of `actions` for an element that was pressed or changed."""
    entry = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if element["type"] == "feedback_buttons":
        pressed = next((half for name in FEEDBACK_HALVES if (half := element[name])["value"] == value), None)
        if pressed is None:
            raise ValueError(f"{element['action_id']!r} has no button with the value {value!r}.")
        return entry | {"value": value, "text": {"emoji": True, **pressed["text"]}}
    if element["type"] in STATELESS - {"overflow"}:
        return entry | {name: element[name] for name in ("text", "value", "style", "icon") if name in element}
    return entry | element_state(element, value)
