"""Ids of blocks and elements."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace

GO: dict[str, Any] = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}


async def test_missing_ids(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Blocks and interactive elements get missing ids, which work for pressing."""
    blocks = [
        {"type": "actions", "elements": [GO, GO]},
        {"type": "section", "text": GO["text"], "accessory": GO},
        {"type": "context", "elements": [GO["text"]]},
    ]
    posted = await client.chat_postMessage(channel=general, text="x", blocks=blocks)
    shown = posted["message"]["blocks"]
    ids = [
        shown[0]["elements"][0]["action_id"],
        shown[0]["elements"][1]["action_id"],
        shown[1]["accessory"]["action_id"],
    ]
    assert len(set(ids)) == 3
    assert "action_id" not in shown[2]["elements"][0]
    await workspace.press(ana, posted["ts"], ids[2])
    payload = next(one.sent for one in workspace.log if one.kind == "interaction")
    assert (payload["actions"][0]["action_id"], payload["actions"][0]["block_id"]) == (ids[2], shown[1]["block_id"])


async def test_buttons_of_cards(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """The button of a card in a carousel is pressed as one of that card."""
    cards: list[dict[str, Any]] = [
        {"type": "card", "block_id": one, "actions": [GO | {"action_id": one}]} for one in ("left", "right")
    ]
    blocks = [{"type": "carousel", "elements": [*cards, {"type": "card", "actions": [GO]}]}]
    posted = await client.chat_postMessage(channel=general, text="x", blocks=blocks)
    added = posted["message"]["blocks"][0]["elements"][2]
    for card in (cards[1], added):
        action_id = card["actions"][0]["action_id"]
        await workspace.press(ana, posted["ts"], action_id)
        action = [one.sent for one in workspace.log if one.kind == "interaction"][-1]["actions"][0]
        assert (action["action_id"], action["block_id"]) == (action_id, card["block_id"])


async def test_shared_action_id(workspace: Workspace, ana: str) -> None:
    """Two inputs may share an action id; the block id tells them apart."""
    element = {"type": "plain_text_input", "action_id": "same"}
    label = GO["text"]
    blocks = [{"type": "input", "block_id": one, "label": label, "element": element} for one in ("one", "two")]
    content = {"type": "modal", "title": label, "submit": label, "blocks": blocks}
    view = workspace.views.open(workspace.views.create_trigger(ana), content)
    with pytest.raises(ValueError, match="more than one element"):
        await workspace.submit(ana, {"same": "x"})
    refused = await workspace.submit(ana, {"one": {"same": "first"}})
    assert refused.payload["errors"].keys() == {"two"}
    await workspace.submit(ana, {"two": {"same": "second"}})
    assert [view.values[one]["same"]["value"] for one in ("one", "two")] == ["first", "second"]
