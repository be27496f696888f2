"""The rules of views: what may be opened, what an answer may say, what closing tells."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import View, Workspace
from tests.slack_emulator.sample import AB, input_block, modal

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]
NAME = [input_block("plain_text_input")]


def opened(workspace: Workspace, user: str, content: dict[str, Any]) -> View:
    """Open a modal as the app does."""
    return workspace.views.open(workspace.views.create_trigger(user), content)


async def test_refused_views(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """An external_id names one view, a view has at most 250 kB, and the stack at most three."""
    first = opened(workspace, ana, modal("One", [], external_id="one"))
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await client.views_push(
            trigger_id=workspace.views.create_trigger(ana), view=modal("Two", [], external_id="one")
        )
    large = [{"type": "section", "block_id": str(n), "text": {"type": "mrkdwn", "text": "x" * 2900}} for n in range(90)]
    with pytest.raises(SlackApiError, match="view_too_large"):
        await client.views_push(trigger_id=workspace.views.create_trigger(ana), view=modal("Two", large))
    for title in ("Two", "Three"):
        await client.views_push(trigger_id=workspace.views.create_trigger(ana), view=modal(title, []))
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=workspace.views.create_trigger(ana), view=modal("Four", []))
    await client.views_update(external_id="one", view=modal("Renamed", [], external_id="one"))
    assert first.content["title"]["text"] == "Renamed"


async def test_a_home_that_is_not_enabled(manifest: dict[str, Any], workspace: Workspace, ana: str) -> None:
    """Without home_tab_enabled in the manifest nothing can be published."""
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    with pytest.raises(Exception, match="not_enabled"):
        Workspace(manifest).views.publish(ana, {"type": "home", "blocks": []})
    assert workspace.views.publish(ana, {"type": "home", "blocks": []})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "No"}}, "invalid_response"),
        ({"response_action": "shout"}, "invalid_response"),
        ({"response_action": "update", "view": {"type": "modal"}}, "invalid_arguments"),
        ({"response_action": "push"}, "invalid_arguments"),
    ],
)
async def test_answers_that_make_no_sense(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, answer: dict[str, Any], error: str
) -> None:
    """The modal stays open when the app's answer to a submission is not one of Slack's."""

    @app.view("form")
    async def form(ack: AsyncAck) -> None:
        await ack(**answer)

    await connect(app)
    view = opened(workspace, ana, modal("One", NAME))
    assert (await workspace.submit(ana)).error == error
    assert workspace.modal(ana) is view


async def test_closing_a_stack(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str) -> None:
    """Cancel closes one view, the cross all of them; clear_on_close makes Cancel a cross."""
    closed: list[tuple[str, bool]] = []

    @app.view_closed("form")
    async def gone(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        closed.append((body["view"]["title"]["text"], body["is_cleared"]))

    await connect(app)

    async def stacked(clear: bool = False) -> None:
        closed.clear()
        opened(workspace, ana, modal("One", [], notify_on_close=True))
        workspace.views.push(
            workspace.views.create_trigger(ana), modal("Two", [], notify_on_close=True, clear_on_close=clear)
        )

    await stacked()
    await workspace.dismiss(ana)
    assert closed == [("Two", False)]
    assert workspace.modal(ana)
    for whole, clear in ((True, False), (False, True)):
        await stacked(clear=clear)
        await workspace.dismiss(ana, whole=whole)
        assert closed == [("Two", True), ("One", True)]
        assert workspace.modal(ana) is None


async def test_input_that_is_told_at_once(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str) -> None:
    """A choice in an input is told at once with dispatch_action only; it survives an update that keeps the ids."""
    heard: list[dict[str, Any]] = []

    @app.action("static_select")
    async def chosen(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        heard.append(body)
        blocks = [*NAME, input_block("static_select", options=AB) | {"dispatch_action": True}]
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=modal("Two", blocks))
        workspace.changes.notify()

    await connect(app)
    select = input_block("static_select", options=AB) | {"dispatch_action": True}
    view = opened(workspace, ana, modal("One", [*NAME, input_block("radio_buttons", options=AB), select]))
    await workspace.press(ana, view.id, "plain_text_input", "typed")
    await workspace.press(ana, view.id, "radio_buttons", "a")
    assert heard == []
    await workspace.press(ana, view.id, "static_select", "b")
    await workspace.until(lambda: view.content["title"]["text"] == "Two")
    values = heard[0]["view"]["state"]["values"]
    assert values["plain_text_input"]["plain_text_input"]["value"] == "typed"
    assert values["static_select"]["static_select"]["selected_option"] == AB[1]
    assert "radio_buttons" not in view.values
    assert view.values["plain_text_input"]["plain_text_input"]["value"] == "typed"


async def test_choices_in_a_message(
    workspace: Workspace, app: AsyncApp, connect: Connect, client: AsyncWebClient, ana: str, ben: str, general: str
) -> None:
    """What a person chose in a message's menus comes along with each press of theirs, and not of others."""
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
    choice = {"type": "radio_buttons", "action_id": "radio", "options": AB}
    blocks = [{"type": "actions", "block_id": "b", "elements": [choice, button]}]
    ts = str((await client.chat_postMessage(channel=general, text="x", blocks=blocks))["ts"])
    await workspace.press(ana, ts, "radio", "b")
    await workspace.press(ana, ts, "go")
    await workspace.press(ben, ts, "go")
    assert states == [AB[1], None]
