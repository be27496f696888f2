"""The payloads of commands, buttons, shortcuts and modals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.workspace.installation import Installation
from bot.workspace.people import DOMAIN
from bot.workspace.render import message_object, view_object
from bot.workspace.state import Channel, Message, State, View

# How the value of each input element is written in a view's state.
_ONE_OF = {"static_select", "radio_buttons", "external_select", "overflow"}
_SOME_OF = {"checkboxes", "multi_static_select", "multi_external_select"}
_VALUE_NAMES = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
}


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
        "team_domain": DOMAIN,
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
        "team": {"id": app.team_id, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        **fields,
    }


def channel_field(channel: Channel) -> dict[str, Any]:
    """Make the `channel` of an interaction payload."""
    return {"id": channel.id, "name": "directmessage" if channel.kind == "im" else channel.name}


def message_container(state: State, message: Message) -> dict[str, Any]:
    """Make what a `block_actions` payload says about the message.

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
    return {"container": container, "channel": channel_field(channel), "state": {"values": {}}, **shown}


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
    if element["type"] == "button":
        made |= {name: element[name] for name in ("text", "value", "style") if name in element}
        return made
    return made | element_state(element, value)


def element_state(element: Mapping[str, Any], value: object) -> dict[str, Any]:
    """Write a value as the state of an input element has it.

    Raises:
        ValueError: If an option is chosen that the element does not have.
    """
    kind = str(element["type"])
    if kind in _ONE_OF:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in _SOME_OF:
        chosen = value if isinstance(value, list) else []
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    return {"type": kind, _VALUE_NAMES.get(kind, "value"): value}


def _option(element: Mapping[str, Any], value: object) -> object:
    groups = [group.get("options", []) for group in element.get("option_groups", [])]
    for option in sum(groups, element.get("options", [])):
        if option.get("value") == value:
            return option
    raise ValueError(f"{element['action_id']} has no option with the value {value!r}.")


def initial_value(element: Mapping[str, Any]) -> object:
    """Give the value that an input has before anybody touches it."""
    for name, value in element.items():
        if name == "initial_option":
            return value.get("value")
        if name == "initial_options":
            return [option.get("value") for option in value]
        if name.startswith("initial_"):
            return value
    return None


def fill_in(view: View, values: Mapping[str, Any]) -> None:
    """Type and choose in a view's inputs.

    Args:
        view: The view; its `values` are replaced.
        values: By action id: a text, the value of an option, a list of such, a user's or channel's id, a date.

    Raises:
        ValueError: If the view has no such input, or the input no such option.
    """
    inputs = {element["action_id"]: (block, element) for block, element in view.actions()}
    if unknown := values.keys() - inputs.keys():
        raise ValueError(f"The view has no input {', '.join(sorted(unknown))}.")
    filled: dict[str, dict[str, Any]] = {}
    for action_id, (block, element) in inputs.items():
        if element["type"] != "button":
            before = view.values.get(block["block_id"], {}).get(action_id)
            if action_id in values or before is None:
                before = element_state(element, values.get(action_id, initial_value(element)))
            filled.setdefault(block["block_id"], {})[action_id] = before
    view.values = filled
