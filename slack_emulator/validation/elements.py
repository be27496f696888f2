"""Validation of the parts of blocks: text objects, elements and rich text."""

from collections.abc import Iterator, Mapping
from typing import Any

MAX_ID_LENGTH = 255
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
FEEDBACK_HALVES = ("positive_button", "negative_button")
INTERACTIVE = _MENUS | _PICKERS | _INPUTS | _BUTTONS | _FEEDBACK
_ALLOWED = {
    "actions": _MENUS | _PICKERS | _BUTTONS | {"datetimepicker", "rich_text_input"},
    "card": {"button"},
    "section": _MENUS | _PICKERS | _BUTTONS | {"image"},
    "input": _MENUS | _PICKERS | _INPUTS,
    "context_actions": _FEEDBACK,
    "context": {"image"},
    "image": {"image"},
}
_SURFACES = {  # of elements that not every surface has, as in https://docs.slack.dev/reference/block-kit/block-elements
    "datetimepicker": ("message", "modal"),
    "email_text_input": ("modal",),
    "file_input": ("modal",),
    "number_input": ("modal",),
    "rich_text_input": ("modal", "home"),
    "url_text_input": ("modal",),
    "workflow_button": ("message",),
}
_MAX_OPTIONS = {"static_select": 100, "multi_static_select": 100, "checkboxes": 10, "radio_buttons": 10, "overflow": 5}
_RICH_TEXT_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
_RICH_TEXT_ELEMENTS = {  # the required field of each type of rich text element
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
    """Return a JSON object as it is, and an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def text_errors(text: object, limit: int, kinds: tuple[str, ...] = ("mrkdwn", "plain_text")) -> list[str]:
    """Check a text object of at most `limit` characters."""
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return [f"must be a text object of the type {' or '.join(kinds)}"]
    content = text.get("text")
    if not isinstance(content, str) or not content:
        return ["must be more than 0 characters"]
    return [f"must be less than {limit + 1} characters"] if len(content) > limit else []


def element_errors(candidate: object, place: str) -> list[str]:
    """Check an element in a block of the type `place`."""
    element = as_object(candidate)
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in _ALLOWED[place]:
        return [f"unsupported type: {kind}"]
    if kind == "image":
        return list(_image_errors(element))
    errors = []
    action_id = element.get("action_id", "x")
    if not isinstance(action_id, str) or not 0 < len(action_id) <= MAX_ID_LENGTH:
        errors.append(f"action_id must be a string of 1 to {MAX_ID_LENGTH} characters")
    if kind == "button":
        errors += _button_errors(element)
    if kind == "feedback_buttons":
        errors += [error for half in FEEDBACK_HALVES for error in _feedback_errors(half, element.get(half))]
    if kind == "icon_button":
        errors += _icon_button_errors(element)
    if kind in _MAX_OPTIONS:
        errors += _options_errors(element, _MAX_OPTIONS[kind])
    if "placeholder" in element:
        errors += text_errors(element["placeholder"], 150, kinds=("plain_text",))
    if "confirm" in element:
        errors += _confirm_errors(element["confirm"])
    return errors


def surface_errors(block: Mapping[str, Any], surface: str) -> list[str]:
    """Check that each element in a block is available on a surface: `message`, `modal` or `home`."""
    elements = block.get("elements")
    candidates = [*(elements if isinstance(elements, list) else []), block.get("accessory"), block.get("element")]
    kinds = [as_object(candidate).get("type") for candidate in candidates]
    return [
        f"unsupported type: {kind}"
        for kind in kinds
        if isinstance(kind, str) and surface not in _SURFACES.get(kind, (surface,))
    ]


def card_errors(card: Mapping[str, Any]) -> list[str]:
    """Check the buttons and pictures of a card block."""
    buttons = card.get("actions", [])
    if not isinstance(buttons, list):
        return ["actions must be an array of buttons"]
    errors = [error for button in buttons for error in element_errors(button, "card")]
    for name in ("hero_image", "icon"):
        errors += element_errors(card[name], "image") if name in card else []
    return errors


def _image_errors(image: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(image.get("alt_text"), str) or not image["alt_text"]:
        yield "an image needs an alt_text"
    url, file = image.get("image_url"), image.get("slack_file")
    if not (isinstance(url, str) and url) and not isinstance(file, dict):
        yield "an image needs an image_url or a slack_file"


def _button_errors(button: Mapping[str, Any]) -> list[str]:
    errors = text_errors(button.get("text"), 75, kinds=("plain_text",))
    for name, limit in (("value", 2_000), ("url", 3_000), ("accessibility_label", 75)):
        value = button.get(name, "")
        if not isinstance(value, str) or len(value) > limit:
            errors.append(f"{name} must be a string of at most {limit} characters")
    if button.get("style", "primary") not in ("primary", "danger"):
        errors.append("style must be primary or danger")
    return errors


def _feedback_errors(name: str, half: object) -> list[str]:
    if not isinstance(half, dict):
        return [f"missing required field: {name}"]
    errors = text_errors(half.get("text"), 75, kinds=("plain_text",))
    value, label = half.get("value"), half.get("accessibility_label", "")
    if not isinstance(value, str) or not 0 < len(value) <= 2_000:
        errors.append(f"the value of {name} must be a string of 1 to 2000 characters")
    if not isinstance(label, str) or len(label) > 75:
        errors.append(f"the accessibility_label of {name} must be a string of at most 75 characters")
    return errors


def _icon_button_errors(element: Mapping[str, Any]) -> list[str]:
    errors = _button_errors(element)
    if element.get("icon") != "trash":
        errors.append("icon must be trash")
    users = element.get("visible_to_user_ids", [])
    if not isinstance(users, list) or len(users) > 10 or not all(isinstance(user, str) for user in users):
        errors.append("visible_to_user_ids must be an array of at most 10 user ids")
    return errors


def alert_errors(alert: Mapping[str, Any]) -> list[str]:
    """Check an alert block."""
    level = alert.get("level", "default")
    known = ("default", "info", "warning", "error", "success")
    errors = [] if level in known else [f"level must be one of {', '.join(known)}"]
    return text_errors(alert.get("text"), 200) + errors


def plan_errors(plan: Mapping[str, Any]) -> list[str]:
    """Check the tasks of a plan block."""
    tasks = plan.get("tasks", [])
    if not isinstance(tasks, list) or len(tasks) > 50:
        return ["tasks must be an array of at most 50 tasks"]
    ids = [as_object(task).get("task_id") for task in tasks]
    if not all(isinstance(one, str) and one for one in ids) or len(ids) != len(set(ids)):
        return ["each task needs a task_id of its own"]
    return []


def _options_errors(element: Mapping[str, Any], limit: int) -> list[str]:
    groups = element.get("option_groups")
    if isinstance(groups, list) and groups and _objects(groups) and "options" not in element:
        return [error for group in groups for error in _options_errors(group, limit)]
    options = element.get("options")
    if not isinstance(options, list) or not 0 < len(options) <= limit or not _objects(options):
        return [f"options must be an array of 1 to {limit} options"]
    errors = [error for option in options for error in text_errors(option.get("text"), 75)]
    values = [option.get("value") for option in options]
    if not all(isinstance(value, str) and len(value) <= 150 for value in values):
        errors.append("the value of an option must be a string of at most 150 characters")
    return errors


def _confirm_errors(confirm: object) -> list[str]:
    if not isinstance(confirm, dict):
        return ["confirm must be an object"]
    errors = text_errors(confirm.get("title"), 100, kinds=("plain_text",)) + text_errors(confirm.get("text"), 300)
    for name in ("confirm", "deny"):
        errors += text_errors(confirm[name], 30, kinds=("plain_text",)) if name in confirm else []
    return errors


def _objects(items: list[Any]) -> bool:
    return all(isinstance(item, dict) for item in items)


def rich_text_errors(block: Mapping[str, Any]) -> list[str]:
    """Check a rich text block or table cell."""
    elements = block.get("elements")
    if not isinstance(elements, list):
        return ["elements must be an array"]
    return [error for element in elements for error in _rich_text_part_errors(element)]


def _rich_text_part_errors(candidate: object) -> list[str]:
    element = as_object(candidate)
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in _RICH_TEXT_PARTS:
        return [f"unsupported type: {kind}"]
    parts = element.get("elements")
    if not isinstance(parts, list):
        return ["elements must be an array"]
    if kind == "rich_text_list":
        errors = [] if element.get("style") in ("bullet", "ordered") else ["style must be bullet or ordered"]
        for part in parts:
            inner = as_object(part).get("type")
            errors += _rich_text_part_errors(part) if inner == "rich_text_section" else [f"unsupported type: {inner}"]
        return errors
    return [error for part in parts for error in _rich_text_element_errors(part)]


def _rich_text_element_errors(candidate: object) -> list[str]:
    part = as_object(candidate)
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in _RICH_TEXT_ELEMENTS:
        return [f"unsupported type: {kind}"]
    needed = part.get(_RICH_TEXT_ELEMENTS[kind])
    if not isinstance(needed, str) or not needed:
        return [f"{_RICH_TEXT_ELEMENTS[kind]} must be more than 0 characters"]
    if kind == "broadcast" and needed not in ("channel", "here", "everyone"):
        return ["range must be channel, here or everyone"]
    style = part.get("style", {})
    known = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
    if not isinstance(style, dict) or not all(name in known for name in style):
        return [f"style must be one of {', '.join(known)}"]
    return []
