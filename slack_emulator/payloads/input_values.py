"""The values of input elements, in the format of `state.values` in Slack's payloads.

https://docs.slack.dev/reference/views#state-values
"""

from collections.abc import Mapping
from typing import Any

from slack_emulator.payloads.elements import STATELESS, Blocks, find_element, interactive_elements
from slack_emulator.payloads.rich_text import rich_text
from slack_emulator.state.models import Values

_ONE_OPTION = {"static_select", "radio_buttons", "external_select", "overflow"}
_MANY_OPTIONS = {"checkboxes", "multi_static_select", "multi_external_select"}
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
_LISTS = {"multi_users_select", "multi_conversations_select", "multi_channels_select", "file_input"}


def element_state(element: Mapping[str, Any], value: object) -> dict[str, Any]:
    """Return the state of an input element that has a value.

    Args:
        element: The element.
        value: A text, an option's value, an id, a date, or a list of these; None for no value. For a menu with an
            external data source, the whole option. For `rich_text_input`, a text or a `rich_text` block.

    Raises:
        ValueError: If the element has no such option.
    """
    kind = str(element["type"])
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in _MANY_OPTIONS:
        chosen = value if isinstance(value, list) else []
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in _LISTS and value is None:
        value = []
    if kind == "rich_text_input" and isinstance(value, str):
        value = {name: part for name, part in rich_text(value).items() if name != "block_id"}
    if kind == "number_input" and value is not None:
        value = str(value)
    return {"type": kind, _VALUE_NAMES.get(kind, "value"): value}


def _option(element: Mapping[str, Any], value: object) -> object:
    if isinstance(value, dict):
        if "external" in element["type"]:
            return value
        value = value.get("value")
    groups = [group.get("options", []) for group in element.get("option_groups", [])]
    for option in sum(groups, element.get("options", [])):
        if option.get("value") == value:
            return option
    raise ValueError(f"{element['action_id']} has no option with the value {value!r}.")


def _initial_value(element: Mapping[str, Any]) -> object:
    return next((value for name, value in element.items() if name.startswith("initial_")), None)


def current_values(blocks: Blocks, values: Values) -> Values:
    """Return the value of every input element in blocks: the given value if there is one, else the initial value."""
    current: Values = {}
    for block, element in interactive_elements(blocks):
        if element["type"] not in STATELESS:
            known = values.get(block["block_id"], {}).get(element["action_id"])
            if not known or known["type"] != element["type"]:
                known = element_state(element, _initial_value(element))
            current.setdefault(block["block_id"], {})[element["action_id"]] = known
    return current


def with_input(
    blocks: Blocks, values: Values, entered: Mapping[str, Any], files: Mapping[str, object] | None = None
) -> Values:
    """Return the values of input elements after a person has filled in some of them.

    Args:
        blocks: The blocks of the view or message.
        values: The values before.
        entered: The new values, as for `element_state`. Either by action id, or by block id and action id if two
            inputs share an action id.
        files: The files that a `file_input` accepts, by id.

    Raises:
        ValueError: If there is no such input, option or file, or an action id is ambiguous.
    """
    current = current_values(blocks, values)
    for name, value in entered.items():
        inside = [block for block in blocks if block.get("block_id") == name]
        action_ids = {element["action_id"] for _, element in interactive_elements(inside)}
        by_block = isinstance(value, dict) and value.keys() <= action_ids
        for action_id, new in value.items() if by_block else [(name, value)]:
            block, element = find_element(inside if by_block else blocks, action_id)
            if element["type"] == "file_input":
                new = _files(new, files or {})  # noqa: PLW2901 - the ids are replaced by the file objects
            if element["type"] not in STATELESS:
                current[block["block_id"]][action_id] = element_state(element, new)
    return current


def _files(ids: object, files: Mapping[str, object]) -> list[object]:
    chosen = ids if isinstance(ids, list) else []
    if unknown := [one for one in chosen if one not in files]:
        raise ValueError(f"There is no file {', '.join(map(str, unknown))}.")
    return [files[one] for one in chosen]
