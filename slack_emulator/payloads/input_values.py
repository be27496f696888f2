"""Input elements: their values as a view's `state` writes them, and what Slack itself refuses before it sends any."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slack_emulator.payloads.rich_text import rich_text
from slack_emulator.validation.elements import as_object

Values = dict[str, dict[str, dict[str, Any]]]
"""By block id and action id, what is typed and chosen, in the shape that Slack gives it."""

STATELESS = {"button", "overflow", "workflow_button", "feedback_buttons", "icon_button"}
"""Elements that are pressed, and remember nothing."""

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
    "file_input": "files",
}
_MANY = {"multi_users_select", "multi_conversations_select", "multi_channels_select", "file_input"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def element_state(element: Mapping[str, Any], value: object) -> dict[str, Any]:
    """Write a value as the state of an input element has it.

    Args:
        element: The element.
        value: A text, an option's value, a list of such, an id, a date; None for nothing. For a menu that the app
            fills, the option itself. For `rich_text_input` a text, or a `rich_text` block.

    Raises:
        ValueError: If an option is chosen that the element does not have.
    """
    kind = str(element["type"])
    if kind in _ONE_OF:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in _SOME_OF:
        chosen = value if isinstance(value, list) else []
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in _MANY and value is None:
        value = []
    if kind == "rich_text_input" and isinstance(value, str):
        value = {name: part for name, part in rich_text(value).items() if name != "block_id"}
    if kind == "number_input" and value is not None:
        value = str(value)
    return {"type": kind, _VALUE_NAMES.get(kind, "value"): value}


def _option(element: Mapping[str, Any], value: object) -> object:
    if isinstance(value, dict):
        value = value.get("value") if "external" not in element["type"] else value
    if isinstance(value, dict):
        return value
    groups = [group.get("options", []) for group in element.get("option_groups", [])]
    for option in sum(groups, element.get("options", [])):
        if option.get("value") == value:
            return option
    raise ValueError(f"{element['action_id']} has no option with the value {value!r}.")


def initial_value(element: Mapping[str, Any]) -> object:
    """Give the value that an input has before anybody touches it."""
    return next((value for name, value in element.items() if name.startswith("initial_")), None)


def values_of(blocks: list[dict[str, Any]], known: Values) -> Values:
    """Give the state of every input element: as it is known, else as it is at first; others are forgotten."""
    values: Values = {}
    for block, element in actions_in(blocks):
        if element["type"] not in STATELESS:
            now = known.get(block["block_id"], {}).get(element["action_id"])
            same = now is not None and now["type"] == element["type"]
            values.setdefault(block["block_id"], {})[element["action_id"]] = (
                now if same and now else element_state(element, initial_value(element))
            )
    return values


def filled_in(
    blocks: list[dict[str, Any]], known: Values, told: Mapping[str, Any], files: Mapping[str, object] | None = None
) -> Values:
    """Type and choose in inputs.

    Args:
        blocks: The blocks of the view or message.
        known: What was typed and chosen before.
        told: What to type and choose now; see `element_state`. By action id, or as Slack's state has it by block id
            and then by action id, which two inputs may share.
        files: The files that a `file_input` may take, by their ids.

    Raises:
        ValueError: If there is no such input, option or file, or an action id could mean two inputs.
    """
    values, elements = values_of(blocks, known), list(actions_in(blocks))
    for name, value in told.items():
        inside = [found for found in elements if found[0]["block_id"] == name]
        by_block = isinstance(value, dict) and value.keys() <= {element["action_id"] for _, element in inside}
        for action_id, one in value.items() if by_block else [(name, value)]:
            block, element = the_one(inside if by_block else elements, action_id)
            if element["type"] == "file_input":
                one = _files(one, files or {})  # noqa: PLW2901 - the same, as Slack shows it
            if element["type"] not in STATELESS:
                values[block["block_id"]][action_id] = element_state(element, one)
    return values


def the_one(
    elements: list[tuple[dict[str, Any], dict[str, Any]]], action_id: str, block_id: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Find the one element with an action id, and its block. Raises ValueError if there is none, or more than one."""
    found = [
        (block, element)
        for block, element in elements
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if not found:
        raise ValueError(f"There is nothing with the action_id {action_id!r}.")
    if len(found) > 1:
        raise ValueError(f"The action_id {action_id!r} is there more than once: say the block_id too.")
    return found[0]


def _files(ids: object, files: Mapping[str, object]) -> list[object]:
    wanted = ids if isinstance(ids, list) else []
    if unknown := [one for one in wanted if one not in files]:
        raise ValueError(f"There is no file {', '.join(map(str, unknown))}.")
    return [files[one] for one in wanted]


def actions_in(blocks: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Find the interactive elements in blocks, each together with its block: in actions, accessories and inputs."""
    for block in blocks:
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def refusals(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """Find what Slack would not let a person submit.

    Returns:
        A sentence for each block with a fault, by block id, as `response_action: errors` has them.
    """
    found: dict[str, str] = {}
    for block in blocks:
        element = as_object(block.get("element"))
        if block.get("type") != "input" or "action_id" not in element:
            continue
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        value = next((part for name, part in state.items() if name != "type"), None)
        if value in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str) and (fault := _text_refusal(element, value)):
            found[block["block_id"]] = fault
    return found


def _text_refusal(element: Mapping[str, Any], value: str) -> str | None:
    match element["type"]:
        case "plain_text_input":
            if len(value) < element.get("min_length", 0):
                return f"Please enter at least {element['min_length']} characters."
            if len(value) > element.get("max_length", 3_000):
                return f"Please enter at most {element.get('max_length', 3_000)} characters."
        case "email_text_input" if not _EMAIL.fullmatch(value):
            return "Please enter a valid email address."
        case "url_text_input" if not re.fullmatch(r"https?://\S+", value):
            return "Please enter a valid URL."
        case "number_input":
            return _number_refusal(element, value)
    return None


def _number_refusal(element: Mapping[str, Any], value: str) -> str | None:
    decimal = element.get("is_decimal_allowed")
    if not re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", value):
        return "Please enter a number." if decimal else "Please enter a whole number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number that is at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number that is at most {element['max_value']}."
    return None
