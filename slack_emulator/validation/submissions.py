"""The checks that Slack's own form does before it submits a modal."""

import re
from collections.abc import Mapping
from typing import Any

from slack_emulator.state.models import Values
from slack_emulator.validation.elements import as_object

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def submission_errors(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """Check the values of input blocks.

    Returns:
        An error message for each invalid block, by block id.
    """
    errors: dict[str, str] = {}
    for block in blocks:
        element = as_object(block.get("element"))
        if block.get("type") != "input" or "action_id" not in element:
            continue
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        value = next((part for name, part in state.items() if name != "type"), None)
        if value in (None, "", []):
            if not block.get("optional"):
                errors[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str) and (error := _text_error(element, value)):
            errors[block["block_id"]] = error
    return errors


def _text_error(element: Mapping[str, Any], value: str) -> str | None:
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
            return _number_error(element, value)
    return None


def _number_error(element: Mapping[str, Any], value: str) -> str | None:
    decimal = element.get("is_decimal_allowed")
    if not re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", value):
        return "Please enter a number." if decimal else "Please enter a whole number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number that is at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number that is at most {element['max_value']}."
    return None
