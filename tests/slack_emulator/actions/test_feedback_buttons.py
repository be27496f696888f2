"""Feedback and icon buttons in messages, with a Bolt app."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp

from slack_emulator import Workspace
from tests.slack_emulator.conftest import Connect


def plain(text: str) -> dict[str, str]:
    """Return a plain text."""
    return {"type": "plain_text", "text": text}


FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "rate",
    "positive_button": {"text": plain("Good"), "value": "yes"},
    "negative_button": {"text": plain("Bad"), "value": "no"},
}
ICON = {"type": "icon_button", "action_id": "remove", "icon": "trash", "text": plain("Remove"), "value": "it"}
BLOCKS = [{"type": "context_actions", "block_id": "b", "elements": [FEEDBACK, ICON]}]


async def test_payloads(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str) -> None:
    """The payload of a press has the value and the text of that half, each time; that of an icon has the icon."""
    bodies: list[dict[str, Any]] = []

    @app.action("rate")
    @app.action("remove")
    async def on_pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        bodies.append(body)

    await connect(app)
    channel = workspace.state.channels[general]
    message = workspace.messages.post(channel, workspace.bot_user_id, "x", blocks=BLOCKS)
    for value in ("yes", "no", "no"):
        assert (await workspace.press(ana, message, "rate", value)).ok
    assert (await workspace.press(ana, message, "remove")).ok
    actions = [body["actions"][0] for body in bodies]
    assert [(one["type"], one["block_id"], one.get("value"), one["text"]["text"]) for one in actions] == [
        ("feedback_buttons", "b", "yes", "Good"),
        ("feedback_buttons", "b", "no", "Bad"),
        ("feedback_buttons", "b", "no", "Bad"),
        ("icon_button", "b", "it", "Remove"),
    ]
    assert actions[3]["icon"] == "trash"
    assert {body["message"]["ts"] for body in bodies} == {message.ts}
    assert all(body["response_url"] and body["trigger_id"] for body in bodies)
    assert bodies[0]["state"] == {"values": {}}


async def test_no_such_button(workspace: Workspace, ana: str, general: str) -> None:
    """A press needs the value of one of the halves."""
    channel = workspace.state.channels[general]
    message = workspace.messages.post(channel, workspace.bot_user_id, "x", blocks=BLOCKS)
    for value in (None, "maybe"):
        with pytest.raises(ValueError, match="no button with the value"):
            await workspace.press(ana, message, "rate", value)
