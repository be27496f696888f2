"""What Slack refuses in blocks and views: a pure check, with the limits of Slack's documentation.

The limits are those of https://docs.slack.dev/reference/block-kit as of 2026; what slack_sdk's own classes check is
left to them.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from slack_emulator.validation.charts import chart_faults, table_faults
from slack_emulator.validation.elements import as_object, element_faults, rich_text_faults, text_faults

Surface = Literal["message", "modal", "home"]
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_CHARACTERS = 13_200
LONGEST_MARKDOWN = 12_000
LONGEST_ID = 255
LONGEST_METADATA = 3_000
MOST_VIEW_TITLE = 24
MOST_CHARTS = 2

_KNOWN = {
    "message": {
        "actions",
        "card",
        "carousel",
        "container",
        "context",
        "context_actions",
        "data_visualization",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "markdown",
        "plan",
        "rich_text",
        "section",
        "table",
        "task_card",
        "video",
    },
    "modal": {"actions", "alert", "context", "divider", "header", "image", "input", "rich_text", "section", "video"},
    "home": {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"},
}
_MOST_ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5}
_IN_CONTEXT = {"image", "mrkdwn", "plain_text"}
_WHOLE: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "image": lambda block: element_faults(block, "image"),
    "rich_text": rich_text_faults,
    "table": table_faults,
    "data_visualization": chart_faults,
}
_TEXT_KEYS = {"text", "title", "label", "hint", "placeholder", "description", "subtitle", "body"}


def faults_in(blocks: object, surface: str, *, charts: bool = True) -> list[str]:
    """Find what Slack would refuse in blocks.

    Args:
        blocks: The blocks as the app sent them: any JSON at all.
        surface: `message`, `modal` or `home`.
        charts: Whether this workspace's Slack draws charts.

    Returns:
        One sentence for each fault, in the way of `response_metadata.messages`; empty if there is none.
    """
    if not blocks and isinstance(blocks, list | None):
        return []
    if not isinstance(blocks, list):
        return ["[ERROR] blocks must be an array"]
    faults = list(_of_all(blocks, surface))
    for number, block in enumerate(blocks):
        found = _of_one(block, surface)
        if not charts and as_object(block).get("type") == "data_visualization":
            found = ["unsupported type: data_visualization"]
        faults += [f"[ERROR] {fault} [json-pointer:/blocks/{number}]" for fault in found]
    return faults


def faults_in_view(view: object) -> list[str]:
    """Find what Slack would refuse in a modal or an App Home.

    Returns:
        One sentence for each fault; empty if there is none.
    """
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["[ERROR] a view must be an object of the type modal or home"]
    surface = view["type"]
    blocks = view.get("blocks")
    faults = faults_in(blocks, surface) if isinstance(blocks, list) else ["[ERROR] missing required field: blocks"]
    for name in ("title", "submit", "close") if surface == "modal" else ():
        if name in view or name == "title":
            found = text_faults(view.get(name), MOST_VIEW_TITLE, kinds=("plain_text",))
            faults += [f"[ERROR] {fault} [json-pointer:/{name}]" for fault in found]
    for name, most in (
        ("private_metadata", LONGEST_METADATA),
        ("callback_id", LONGEST_ID),
        ("external_id", LONGEST_ID),
    ):
        if not isinstance(view.get(name, ""), str) or len(view.get(name, "")) > most:
            faults.append(f"[ERROR] {name} must be a text of at most {most} characters")
    if not faults and surface == "modal" and "submit" not in view and _has_input(blocks):
        faults.append("[ERROR] a modal with input blocks needs a submit [json-pointer:/submit]")
    return faults


def _has_input(blocks: object) -> bool:
    return isinstance(blocks, list) and any(block["type"] == "input" for block in blocks)


def _of_all(blocks: list[Any], surface: str) -> Iterator[str]:
    """Find what is wrong with the blocks together."""
    if len(blocks) > MOST_BLOCKS[surface]:
        yield f"[ERROR] no more than {MOST_BLOCKS[surface]} items allowed [json-pointer:/blocks]"
    objects = [block for block in blocks if isinstance(block, dict)]
    ids = [block["block_id"] for block in objects if isinstance(block.get("block_id"), str)]
    if len(ids) != len(set(ids)):
        yield "[ERROR] block_id must be unique [json-pointer:/blocks]"
    if surface == "message" and sum(characters(block) for block in blocks) > MOST_CHARACTERS:
        yield f"[ERROR] no more than {MOST_CHARACTERS} characters allowed in all blocks [json-pointer:/blocks]"
    kinds = [block.get("type") for block in objects]
    if kinds.count("table") > 1:
        yield "[ERROR] only one table allowed [json-pointer:/blocks]"
    if kinds.count("data_visualization") > MOST_CHARTS:
        yield f"[ERROR] no more than {MOST_CHARTS} data_visualization blocks allowed [json-pointer:/blocks]"


def characters(node: object) -> int:
    """Count the characters of all that is shown as text in a block."""
    if isinstance(node, Mapping):
        return sum(
            len(value) if isinstance(value, str) and key in _TEXT_KEYS else characters(value)
            for key, value in node.items()
        )
    return sum(characters(value) for value in node) if isinstance(node, list) else 0


def _of_one(block: object, surface: str) -> list[str]:
    """Find what is wrong with one block."""
    if not isinstance(block, dict):
        return ["must be an object"]
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN[surface]:
        return [f"unsupported type: {kind}"]
    faults = []
    block_id = block.get("block_id", "x")
    if not isinstance(block_id, str) or not 0 < len(block_id) <= LONGEST_ID:
        faults.append(f"block_id must be a text of 1 to {LONGEST_ID} characters")
    faults += _content_faults(kind, block)
    return faults or _sdk_faults(block)


def _content_faults(kind: str, block: Mapping[str, Any]) -> list[str]:
    """Find what is wrong with a block of a known kind, as far as slack_sdk does not look."""
    match kind:
        case "section":
            return _section_faults(block)
        case "header":
            return text_faults(block.get("text"), 150, kinds=("plain_text",))
        case "context":
            return _elements_faults(kind, block, _IN_CONTEXT)
        case "actions" | "context_actions":
            return _elements_faults(kind, block, None)
        case "image" | "rich_text" | "table" | "data_visualization":
            return _WHOLE[kind](block)
        case "input":
            label = text_faults(block.get("label"), 2_000, kinds=("plain_text",))
            return label + element_faults(block.get("element"), "input")
        case "markdown":
            text = block.get("text")
            right = isinstance(text, str) and 0 < len(text) <= LONGEST_MARKDOWN
            return [] if right else [f"text must have 1 to {LONGEST_MARKDOWN} characters"]
    return []


def _section_faults(block: Mapping[str, Any]) -> list[str]:
    faults: list[str] = []
    if "text" not in block and not block.get("fields"):
        faults.append("a section needs text or fields")
    if "text" in block:
        faults += text_faults(block["text"], 3_000)
    fields = block.get("fields") or []
    if not isinstance(fields, list) or len(fields) > 10:
        return [*faults, "fields must be an array of at most 10 texts"]
    for field in fields:
        faults += text_faults(field, 2_000)
    return faults + (element_faults(block["accessory"], "section") if "accessory" in block else [])


def _elements_faults(kind: str, block: Mapping[str, Any], texts: set[str] | None) -> list[str]:
    elements, most = block.get("elements"), _MOST_ELEMENTS[kind]
    if not isinstance(elements, list) or not 0 < len(elements) <= most:
        return [f"elements must be an array of 1 to {most} items"]
    faults: list[str] = []
    for element in elements:
        found = as_object(element).get("type")
        if texts and found not in texts:
            faults.append(f"unsupported type: {found}")
        elif texts and found != "image":
            faults += text_faults(element, 3_000)
        else:
            faults += element_faults(element, kind)
    ids = [element["action_id"] for element in elements if isinstance(element, dict) and "action_id" in element]
    if not faults and len(ids) != len(set(ids)):
        faults.append("action_id must be unique in a block")
    return faults


def _sdk_faults(block: Mapping[str, Any]) -> list[str]:
    """Ask slack_sdk's own class, where there is one; it does not know data_visualization."""
    if block["type"] == "data_visualization":
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = Block.parse(dict(block))
            if parsed is not None:
                parsed.validate_json()
    except SlackObjectFormationError as refused:
        return [str(refused)]
    except Exception as failure:  # its constructors fail in many ways on what is no block
        return [f"not understood as a {block['type']} block ({type(failure).__name__})"]
    return []
