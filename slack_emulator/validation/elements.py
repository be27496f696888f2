"""What Slack refuses in the parts of blocks: texts, elements and rich text."""

from collections.abc import Iterator, Mapping
from typing import Any

LONGEST_ID = 255
_MENUS = {
    f"{many}{what}_select"
    for many in ("", "multi_")
    for what in ("static", "external", "users", "conversations", "channels")
}
_PICKERS = {"datepicker", "timepicker", "checkboxes", "radio_buttons"}
_INPUTS = {
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
    "datetimepicker",
}
_BUTTONS = {"button", "overflow", "workflow_button"}
_FEEDBACK = {"feedback_buttons", "icon_button"}
INTERACTIVE = _MENUS | _PICKERS | _INPUTS | _BUTTONS | _FEEDBACK
_ALLOWED = {
    "actions": _MENUS | _PICKERS | _BUTTONS | {"datetimepicker"},
    "section": _MENUS | _PICKERS | _BUTTONS | {"image"},
    "input": _MENUS | _PICKERS | _INPUTS,
    "context_actions": _FEEDBACK,
    "context": {"image"},
    "image": {"image"},
}
_WITH_OPTIONS = {"static_select": 100, "multi_static_select": 100, "checkboxes": 10, "radio_buttons": 10, "overflow": 5}
_RICH = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
_NEEDED = {  # each part of a rich text, with the field that it cannot do without
    "text": "text",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "emoji": "name",
    "link": "url",
    "broadcast": "range",
    "team": "team_id",
    "date": "format",
    "color": "value",
}


def as_object(value: object) -> dict[str, Any]:
    """Give a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def text_faults(text: object, most: int, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")) -> list[str]:
    """Find what is wrong with a text object that may have up to `most` characters."""
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return [f"must be a text object of the type {' or '.join(kinds)}"]
    content = text.get("text")
    if not isinstance(content, str) or not content:
        return ["must be more than 0 characters"]
    return [f"must be less than {most + 1} characters"] if len(content) > most else []


def element_faults(candidate: object, place: str) -> list[str]:
    """Find what is wrong with an element in a block of the kind `place`."""
    element = as_object(candidate)
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in _ALLOWED[place]:
        return [f"unsupported type: {kind}"]
    if kind == "image":
        return list(_image_faults(element))
    faults = []
    action_id = element.get("action_id", "x")
    if not isinstance(action_id, str) or not 0 < len(action_id) <= LONGEST_ID:
        faults.append(f"action_id must be a text of 1 to {LONGEST_ID} characters")
    if kind == "button":
        faults += _button_faults(element)
    if kind in _WITH_OPTIONS:
        faults += _options_faults(element, _WITH_OPTIONS[kind])
    if "placeholder" in element:
        faults += text_faults(element["placeholder"], 150, kinds=("plain_text",))
    if "confirm" in element:
        faults += _confirm_faults(element["confirm"])
    return faults


def _image_faults(image: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(image.get("alt_text"), str) or not image["alt_text"]:
        yield "an image needs an alt_text"
    url, file = image.get("image_url"), image.get("slack_file")
    if not (isinstance(url, str) and url) and not isinstance(file, dict):
        yield "an image needs an image_url or a slack_file"


def _button_faults(button: Mapping[str, Any]) -> list[str]:
    faults = text_faults(button.get("text"), 75, kinds=("plain_text",))
    for name, most in (("value", 2_000), ("url", 3_000), ("accessibility_label", 75)):
        value = button.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            faults.append(f"{name} must be a text of at most {most} characters")
    if button.get("style", "primary") not in ("primary", "danger"):
        faults.append("style must be primary or danger")
    return faults


def _options_faults(element: Mapping[str, Any], most: int) -> list[str]:
    groups = element.get("option_groups")
    if isinstance(groups, list) and groups and _objects(groups) and "options" not in element:
        return [fault for group in groups for fault in _options_faults(group, most)]
    options = element.get("options")
    if not isinstance(options, list) or not 0 < len(options) <= most or not _objects(options):
        return [f"options must be an array of 1 to {most} options"]
    faults = [fault for option in options for fault in text_faults(option.get("text"), 75)]
    values = [option.get("value") for option in options]
    if not all(isinstance(value, str) and len(value) <= 150 for value in values):
        faults.append("the value of an option must be a text of at most 150 characters")
    return faults


def _confirm_faults(confirm: object) -> list[str]:
    if not isinstance(confirm, dict):
        return ["confirm must be an object"]
    faults = text_faults(confirm.get("title"), 100, kinds=("plain_text",)) + text_faults(confirm.get("text"), 300)
    for name in ("confirm", "deny"):
        faults += text_faults(confirm[name], 30, kinds=("plain_text",)) if name in confirm else []
    return faults


def _objects(items: list[Any]) -> bool:
    return all(isinstance(item, dict) for item in items)


def rich_text_faults(block: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with a rich text block, or with a cell of that kind."""
    elements = block.get("elements")
    if not isinstance(elements, list):
        return ["elements must be an array"]
    return [fault for element in elements for fault in _rich_faults(element)]


def _rich_faults(candidate: object) -> list[str]:
    element = as_object(candidate)
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in _RICH:
        return [f"unsupported type: {kind}"]
    parts = element.get("elements")
    if not isinstance(parts, list):
        return ["elements must be an array"]
    if kind == "rich_text_list":
        faults = [] if element.get("style") in ("bullet", "ordered") else ["style must be bullet or ordered"]
        for part in parts:
            inner = as_object(part).get("type")
            faults += _rich_faults(part) if inner == "rich_text_section" else [f"unsupported type: {inner}"]
        return faults
    return [fault for part in parts for fault in _part_faults(part)]


def _part_faults(candidate: object) -> list[str]:
    part = as_object(candidate)
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in _NEEDED:
        return [f"unsupported type: {kind}"]
    needed = part.get(_NEEDED[kind])
    if not isinstance(needed, str) or not needed:
        return [f"{_NEEDED[kind]} must be more than 0 characters"]
    if kind == "broadcast" and needed not in ("channel", "here", "everyone"):
        return ["range must be channel, here or everyone"]
    style = part.get("style", {})
    known = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
    if not isinstance(style, dict) or not all(name in known for name in style):
        return [f"style knows only {', '.join(known)}"]
    return []
