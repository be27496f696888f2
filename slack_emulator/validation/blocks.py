"""Validation of blocks and views against the limits of Slack's documentation.

The limits are those of https://docs.slack.dev/reference/block-kit as of 2026. Other checks are delegated to the block
classes of slack_sdk.
"""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from slack_emulator.validation.data_blocks import chart_errors, data_errors, data_table_errors, table_errors
from slack_emulator.validation.elements import (
    MAX_ID_LENGTH,
    alert_errors,
    as_object,
    card_errors,
    element_errors,
    plan_errors,
    rich_text_errors,
    surface_errors,
    text_errors,
)

Surface = Literal["message", "modal", "home"]
MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MAX_CHARACTERS = 13_200
MAX_MARKDOWN = 12_000
MAX_METADATA = 3_000
MAX_VIEW_TITLE = 24
MAX_CHARTS = 2

CHILD_BLOCKS = {"carousel": "elements", "container": "child_blocks"}
"""The field with the blocks inside a block, by its type."""

_EVERYWHERE = {"actions", "card", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
_HOME = _EVERYWHERE | {"carousel", "container", "data_table", "data_visualization", "table"}
_BLOCK_TYPES = {  # as in https://docs.slack.dev/reference/block-kit/blocks
    "home": _HOME,
    "modal": _EVERYWHERE | {"alert"},
    "message": _HOME | {"context_actions", "file", "markdown", "plan", "task_card"},
}
_MAX_ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5}
_CONTEXT_ELEMENTS = {"image", "mrkdwn", "plain_text"}
_CHECKS: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "alert": alert_errors,
    "card": card_errors,
    "image": lambda block: element_errors(block, "image"),
    "rich_text": rich_text_errors,
    "table": table_errors,
    "data_table": data_table_errors,
    "data_visualization": chart_errors,
    "plan": plan_errors,
}
_WITHOUT_SDK_CLASS = {"data_table", "data_visualization"}
_TEXT_KEYS = {"text", "title", "label", "hint", "placeholder", "description", "subtitle", "body"}


def block_errors(blocks: object, surface: str, refused_types: Collection[str] = ()) -> list[str]:
    """Check blocks.

    Args:
        blocks: The blocks as the app sent them; any JSON.
        surface: `message`, `modal` or `home`.
        refused_types: The types of blocks that the workspace refuses wherever they are.

    Returns:
        One message for each error, in the format of `response_metadata.messages`.
    """
    if not blocks and isinstance(blocks, list | None):
        return []
    if not isinstance(blocks, list):
        return ["[ERROR] blocks must be an array"]
    errors = list(_errors_across_blocks(blocks, surface))
    for number, block in enumerate(blocks):
        found = _block_errors(block, surface)
        if isinstance(kind := as_object(block).get("type"), str) and kind in refused_types:
            found = [f"unsupported type: {kind}"]
        errors += [f"[ERROR] {error} [json-pointer:/blocks/{number}]" for error in found]
    return errors


def view_errors(view: object, refused_types: Collection[str] = ()) -> list[str]:
    """Check a modal or an App Home; `refused_types` as in `block_errors`.

    Returns:
        One message for each error, as `block_errors` does.
    """
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["[ERROR] a view must be an object of the type modal or home"]
    surface = view["type"]
    blocks = view.get("blocks")
    errors = (
        block_errors(blocks, surface, refused_types)
        if isinstance(blocks, list)
        else ["[ERROR] missing required field: blocks"]
    )
    for name in ("title", "submit", "close") if surface == "modal" else ():
        if name in view or name == "title":
            found = text_errors(view.get(name), MAX_VIEW_TITLE, kinds=("plain_text",))
            errors += [f"[ERROR] {error} [json-pointer:/{name}]" for error in found]
    for name, limit in (
        ("private_metadata", MAX_METADATA),
        ("callback_id", MAX_ID_LENGTH),
        ("external_id", MAX_ID_LENGTH),
    ):
        if not isinstance(view.get(name, ""), str) or len(view.get(name, "")) > limit:
            errors.append(f"[ERROR] {name} must be a string of at most {limit} characters")
    if not errors and surface == "modal" and "submit" not in view and _has_input(blocks):
        errors.append("[ERROR] a modal with input blocks needs a submit [json-pointer:/submit]")
    return errors


def _has_input(blocks: object) -> bool:
    return isinstance(blocks, list) and any(block["type"] == "input" for block in blocks)


def _errors_across_blocks(blocks: list[Any], surface: str) -> Iterator[str]:
    """Check limits that apply to all blocks together."""
    if len(blocks) > MAX_BLOCKS[surface]:
        yield f"[ERROR] no more than {MAX_BLOCKS[surface]} items allowed [json-pointer:/blocks]"
    objects = [block for block in blocks if isinstance(block, dict)]
    ids = [block["block_id"] for block in objects if isinstance(block.get("block_id"), str)]
    if len(ids) != len(set(ids)):
        yield "[ERROR] block_id must be unique [json-pointer:/blocks]"
    counted = [block for block in objects if block.get("type") != "data_table"]  # which has a higher limit of its own
    if surface == "message" and sum(count_characters(block) for block in counted) > MAX_CHARACTERS:
        yield f"[ERROR] no more than {MAX_CHARACTERS} characters allowed in all blocks [json-pointer:/blocks]"
    yield from (f"[ERROR] {error} [json-pointer:/blocks]" for error in data_errors(objects))
    markdown = [block["text"] for block in objects if block.get("type") == "markdown" and "text" in block]
    if sum(len(text) for text in markdown if isinstance(text, str)) > MAX_MARKDOWN:
        yield f"[ERROR] no more than {MAX_MARKDOWN} characters allowed in all markdown blocks [json-pointer:/blocks]"
    kinds = [block.get("type") for block in objects]
    if kinds.count("table") > 1:
        yield "[ERROR] only one table allowed [json-pointer:/blocks]"
    if kinds.count("data_visualization") > MAX_CHARTS:
        yield f"[ERROR] no more than {MAX_CHARTS} data_visualization blocks allowed [json-pointer:/blocks]"


def count_characters(node: object) -> int:
    """Return the number of characters in all texts of a block."""
    if isinstance(node, Mapping):
        return sum(
            len(value) if isinstance(value, str) and key in _TEXT_KEYS else count_characters(value)
            for key, value in node.items()
        )
    return sum(count_characters(value) for value in node) if isinstance(node, list) else 0


def _block_errors(block: object, surface: str) -> list[str]:
    """Check one block."""
    if not isinstance(block, dict):
        return ["must be an object"]
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in _BLOCK_TYPES[surface]:
        return [f"unsupported type: {kind}"]
    errors = []
    block_id = block.get("block_id", "x")
    if not isinstance(block_id, str) or not 0 < len(block_id) <= MAX_ID_LENGTH:
        errors.append(f"block_id must be a string of 1 to {MAX_ID_LENGTH} characters")
    errors += _content_errors(kind, block) + surface_errors(block, surface)
    if kind in CHILD_BLOCKS:
        errors += _child_errors(kind, block.get(CHILD_BLOCKS[kind]), surface)
    return errors or _sdk_errors(block)


def _child_errors(kind: str, children: object, surface: str) -> list[str]:
    """Check the cards of a carousel, or the blocks of a container."""
    if not isinstance(children, list):
        return [f"{CHILD_BLOCKS[kind]} must be an array"]
    errors: list[str] = []
    for child in children:
        inner = as_object(child).get("type")
        allowed = inner == "card" if kind == "carousel" else str(inner) not in CHILD_BLOCKS
        errors += _block_errors(child, surface) if allowed else [f"unsupported type: {inner}"]
    return errors


def _content_errors(kind: str, block: Mapping[str, Any]) -> list[str]:
    """Check a block of a known type for errors that slack_sdk does not find."""
    match kind:
        case "section":
            return _section_errors(block)
        case "header":
            return text_errors(block.get("text"), 150, kinds=("plain_text",))
        case "context":
            return _elements_errors(kind, block, _CONTEXT_ELEMENTS)
        case "actions" | "context_actions":
            return _elements_errors(kind, block, None)
        case "input":
            label = text_errors(block.get("label"), 2_000, kinds=("plain_text",))
            return label + element_errors(block.get("element"), "input")
        case "markdown":
            text = block.get("text")
            valid = isinstance(text, str) and 0 < len(text) <= MAX_MARKDOWN
            return [] if valid else [f"text must have 1 to {MAX_MARKDOWN} characters"]
    return _CHECKS[kind](block) if kind in _CHECKS else []


def _section_errors(block: Mapping[str, Any]) -> list[str]:
    errors: list[str] = []
    if "text" not in block and not block.get("fields"):
        errors.append("a section needs text or fields")
    if "text" in block:
        errors += text_errors(block["text"], 3_000)
    fields = block.get("fields") or []
    if not isinstance(fields, list) or len(fields) > 10:
        return [*errors, "fields must be an array of at most 10 texts"]
    for field in fields:
        errors += text_errors(field, 2_000)
    return errors + (element_errors(block["accessory"], "section") if "accessory" in block else [])


def _elements_errors(kind: str, block: Mapping[str, Any], texts: set[str] | None) -> list[str]:
    elements, limit = block.get("elements"), _MAX_ELEMENTS[kind]
    if not isinstance(elements, list) or not 0 < len(elements) <= limit:
        return [f"elements must be an array of 1 to {limit} items"]
    errors: list[str] = []
    for element in elements:
        found = as_object(element).get("type")
        if texts and found not in texts:
            errors.append(f"unsupported type: {found}")
        elif texts and found != "image":
            errors += text_errors(element, 3_000)
        else:
            errors += element_errors(element, kind)
    ids = [element["action_id"] for element in elements if isinstance(element, dict) and "action_id" in element]
    if not errors and len(ids) != len(set(ids)):
        errors.append("action_id must be unique in a block")
    return errors


def _sdk_errors(block: Mapping[str, Any]) -> list[str]:
    """Check a block with slack_sdk's class for it, if there is one."""
    if block["type"] in _WITHOUT_SDK_CLASS:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = Block.parse(dict(block))
            if parsed is not None:
                parsed.validate_json()
    except SlackObjectFormationError as error:
        return [str(error)]
    except Exception as failure:  # its constructors raise all kinds of exceptions for invalid blocks
        return [f"not understood as a {block['type']} block ({type(failure).__name__})"]
    return []
