"""Commands, block actions, shortcuts and modals, with a Bolt app."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import ApiError, Workspace
from tests.slack_emulator.conftest import Connect
from tests.slack_emulator.sample_blocks import options

BUTTON = {"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}
BUTTONS = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]
NAME = {
    "type": "input",
    "block_id": "n",
    "label": {"type": "plain_text", "text": "Name"},
    "element": {"type": "plain_text_input", "action_id": "name"},
}


def modal(title: str, **more: object) -> dict[str, Any]:
    """Return a modal with one input."""
    texts = {name: {"type": "plain_text", "text": text} for name, text in (("title", title), ("submit", "Send"))}
    return {"type": "modal", "callback_id": "form", "blocks": [NAME], **texts, **more}


async def test_command_reply(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, ben: str, general: str
) -> None:
    """The payload of an acknowledgement becomes an ephemeral message."""

    @app.command("/echo")
    async def echo(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack(f"You said {command['text']}")

    await connect(app)
    outcome = await workspace.command(ana, general, "/echo", "hello")
    assert outcome.ok
    assert outcome.message
    assert workspace.seen_by(ana, general) == [outcome.message]
    assert outcome.message.text == "You said hello"
    assert workspace.seen_by(ben, general) == []


async def test_command_in_channel(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, ben: str, general: str
) -> None:
    """With response_type in_channel everybody sees the reply."""

    @app.command("/echo")
    async def echo(ack: AsyncAck) -> None:
        await ack(text="all", response_type="in_channel")

    await connect(app)
    await workspace.command(ana, general, "/echo")
    assert [message.text for message in workspace.seen_by(ben, general)] == ["all"]


@pytest.mark.usefixtures("short_timeout")
async def test_command_failures(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str) -> None:
    """Slackbot reports a command that is unknown, not delivered or not acknowledged."""
    outcome = await workspace.command(ana, general, "/echo")
    assert outcome.error == "dispatch_failed"
    await connect(app)
    outcome = await workspace.command(ana, general, "/echo")
    assert outcome.error == "operation_timeout"
    outcome = await workspace.command(ana, general, "/nothing")
    assert outcome.error == "invalid_command"
    assert [message.user for message in workspace.seen_by(ana, general)] == ["USLACKBOT"] * 3


async def test_button_in_an_ephemeral_message(
    workspace: Workspace, app: AsyncApp, connect: Connect, client: AsyncWebClient, ana: str, ben: str, general: str
) -> None:
    """A button in an ephemeral message works, and its response URL can replace and delete the message."""
    bodies: list[dict[str, Any]] = []

    @app.action("go")
    async def go(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        bodies.append(body)
        await ack()
        again = {"text": "changed", "blocks": BUTTONS}
        await respond(**({"replace_original": True} | again if len(bodies) == 1 else {"delete_original": True}))

    await connect(app)
    answer = await client.chat_postEphemeral(channel=general, user=ana, text="press", blocks=BUTTONS)
    ts = str(answer["message_ts"])
    with pytest.raises(ApiError, match="message_not_found"):
        await workspace.press(ben, ts, "go")
    assert (await workspace.press(ana, ts, "go")).ok
    await workspace.until(lambda: workspace.message(general, ts).text == "changed")
    assert bodies[0]["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": general,
        "is_ephemeral": True,
    }
    assert "message" not in bodies[0]
    assert bodies[0]["actions"][0]["value"] == "1"
    await workspace.press(ana, ts, "go")
    await workspace.until(lambda: workspace.seen_by(ana, general) == [])


async def test_menu_in_a_message(
    workspace: Workspace, app: AsyncApp, connect: Connect, client: AsyncWebClient, ana: str, general: str
) -> None:
    """A choice in a menu sends the option; an unknown option is refused."""
    chosen: list[str] = []
    option = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}
    menu = {"type": "static_select", "action_id": "pick", "options": [option]}

    @app.action("pick")
    async def pick(ack: AsyncAck, action: dict[str, Any]) -> None:
        chosen.append(action["selected_option"]["value"])
        await ack()

    await connect(app)
    posted = await client.chat_postMessage(channel=general, text="x", blocks=[{"type": "actions", "elements": [menu]}])
    await workspace.press(ana, str(posted["ts"]), "pick", "a")
    assert chosen == ["a"]
    with pytest.raises(ValueError, match="no option"):
        await workspace.press(ana, str(posted["ts"]), "pick", "b")


async def test_modal(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str) -> None:
    """A shortcut opens a modal; each response_action is applied."""
    answers: list[dict[str, Any]] = [
        {"response_action": "errors", "errors": {"n": "No"}},
        {"response_action": "update", "view": modal("Again")},
        {"response_action": "push", "view": modal("On top")},
        {"response_action": "clear"},
    ]
    seen: list[str] = []

    @app.shortcut("look")
    async def look(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(body["message"]["text"]))
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=body["trigger_id"], view=modal("twice"))

    @app.view("form")
    async def form(ack: AsyncAck, view: dict[str, Any]) -> None:
        seen.append(view["state"]["values"]["n"]["name"]["value"])
        await ack(**answers[len(seen) - 1])

    await connect(app)
    ts = await workspace.post(ana, general, "Hello")
    assert (await workspace.shortcut(ana, "look", channel=general, ts=ts)).ok
    first = await workspace.until(lambda: workspace.modal(ana))
    assert first.content["title"]["text"] == "Hello"
    assert (await workspace.submit(ana, {"name": "x"})).payload["errors"] == {"n": "No"}
    await workspace.submit(ana, {"name": "y"})
    assert first.content["title"]["text"] == "Again"
    await workspace.submit(ana)
    pushed = workspace.modal(ana)
    assert pushed
    assert (pushed.previous_view_id, pushed.root_view_id) == (first.id, first.id)
    await workspace.submit(ana, {"name": "z"})
    assert workspace.modal(ana) is None
    assert seen == ["x", "y", "y", "z"]


async def test_app_home(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str) -> None:
    """Opening the Home tab lets the app publish a view, whose button works."""
    pressed = asyncio.Event()

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": BUTTONS})

    @app.action("go")
    async def go(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        assert body["container"]["type"] == "view"
        pressed.set()

    await connect(app)
    await workspace.open_home(ana)
    home = await workspace.until(lambda: workspace.home(ana))
    assert (await workspace.press(ana, home, "go")).ok
    await asyncio.wait_for(pressed.wait(), 5)


async def test_message_state(
    workspace: Workspace, app: AsyncApp, connect: Connect, client: AsyncWebClient, ana: str, ben: str, general: str
) -> None:
    """Each person's choices in a message are sent with their own actions only."""
    states: list[dict[str, Any]] = []

    @app.action("go")
    async def go(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        states.append(body["state"]["values"]["b"]["radio"]["selected_option"])

    @app.action("radio")
    async def radio(ack: AsyncAck) -> None:
        await ack()

    await connect(app)
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    choice = {"type": "radio_buttons", "action_id": "radio", "options": options("A", "B")}
    blocks = [{"type": "actions", "block_id": "b", "elements": [choice, button]}]
    ts = str((await client.chat_postMessage(channel=general, text="x", blocks=blocks))["ts"])
    await workspace.press(ana, ts, "radio", "b")
    await workspace.press(ana, ts, "go")
    await workspace.press(ben, ts, "go")
    assert states == [options("B")[0], None]
