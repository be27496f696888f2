"""The interactive elements in blocks: finding them, and adding the ids that the app left out."""

from collections.abc import Iterator
from typing import Any

from slack_emulator.state.ids import short_id
from slack_emulator.validation.blocks import CHILD_BLOCKS
from slack_emulator.validation.elements import INTERACTIVE

STATELESS = {"button", "overflow", "workflow_button", "feedback_buttons", "icon_button"}
"""The types of elements that have no value in `state.values`."""

Blocks = list[dict[str, Any]]
ElementInBlock = tuple[dict[str, Any], dict[str, Any]]
"""A block and an interactive element in it."""


def add_missing_ids(blocks: Blocks) -> Blocks:
    """Return the blocks with a `block_id` each, and an `action_id` for each interactive element."""
    completed = []
    for block in blocks:
        parts: dict[str, Any] = {name: _with_id(block[name]) for name in ("element", "accessory") if name in block}
        for name in ("elements", "actions"):
            if isinstance(elements := block.get(name), list):
                parts[name] = [_with_id(element) for element in elements]
        if children := CHILD_BLOCKS.get(block.get("type", "")):
            parts[children] = add_missing_ids(block[children])
        completed.append({"block_id": short_id()} | block | parts)
    return completed


def _with_id(element: Any) -> Any:  # noqa: ANN401 - any part of a block
    interactive = isinstance(element, dict) and element.get("type") in INTERACTIVE
    return {"action_id": short_id()} | element if interactive else element


def interactive_elements(blocks: Blocks) -> Iterator[ElementInBlock]:
    """Yield each interactive element with its block: those of `elements`, `actions`, `accessory` and `element`."""
    for block in blocks:
        if children := CHILD_BLOCKS.get(block.get("type", "")):
            yield from interactive_elements(block[children])
            continue
        lists = [*block.get("elements", []), *block.get("actions", [])]
        for element in [*lists, block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def find_element(blocks: Blocks, action_id: str, block_id: str | None = None) -> ElementInBlock:
    """Return the element with an action id, and its block.

    Raises:
        ValueError: If there is no such element, or more than one.
    """
    found = [
        (block, element)
        for block, element in interactive_elements(blocks)
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if not found:
        raise ValueError(f"There is no element with the action_id {action_id!r}.")
    if len(found) > 1:
        raise ValueError(f"There is more than one element with the action_id {action_id!r}: give the block_id too.")
    return found[0]
