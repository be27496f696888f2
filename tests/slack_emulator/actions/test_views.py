"""The rules of views."""

import time
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import View, Workspace
from tests.slack_emulator.conftest import Connect
from tests.slack_emulator.sample_blocks import input_block, modal, options

NAME = [input_block("name", "plain_text_input")]
CHOICES = options("A", "B")


def open_view(workspace: Workspace, user: str, content: dict[str, Any]) -> View:
    """Open a modal as the app does."""
    return workspace.views.open(workspace.views.create_trigger(user), content)


async def test_trigger(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """A trigger id is valid for three seconds."""
    trigger = workspace.views.create_trigger(ana)
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="1.2.x", view=modal("x", NAME))
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=modal("a title with more than 24", NAME))
    workspace.state.clock = lambda: time.time() + 3.1
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=trigger, view=modal("x", NAME))


async def test_update_and_close(
    workspace: Workspace, app: AsyncApp, connect: Connect, client: AsyncWebClient, ana: str
) -> None:
    """A view is updated unless its hash is outdated, and closing it is reported."""
    closed: list[str] = []

    @app.view_closed("form")
    async def gone(ack: AsyncAck, body: dict[str, Any]) -> None:
        closed.append(body["view"]["id"])
        await ack()

    await connect(app)
    view = workspace.views.open(workspace.views.create_trigger(ana), modal("One", NAME, notify_on_close=True))
    old = view.hash
    await client.views_update(view_id=view.id, view=modal("Two", NAME, notify_on_close=True), hash=old)
    assert view.content["title"]["text"] == "Two"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view.id, view=modal("Three", NAME), hash=old)
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0", view=modal("Three", NAME))
    await workspace.dismiss(ana)
    assert closed == [view.id]
    assert workspace.modal(ana) is None


async def test_limits(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """An external_id is unique, a view has at most 250 kB, and a stack at most three views."""
    first = open_view(workspace, ana, modal("One", [], external_id="one"))
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


async def test_home_not_enabled(manifest: dict[str, Any], workspace: Workspace, ana: str) -> None:
    """Without home_tab_enabled in the manifest no App Home can be published."""
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
async def test_invalid_response_action(
    workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, answer: dict[str, Any], error: str
) -> None:
    """A modal stays open if the response to its submission is invalid."""

    @app.view("form")
    async def form(ack: AsyncAck) -> None:
        await ack(**answer)

    await connect(app)
    view = open_view(workspace, ana, modal("One", NAME))
    assert (await workspace.submit(ana)).error == error
    assert workspace.modal(ana) is view


async def test_close_stack(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str) -> None:
    """Cancel closes one view; the cross, or clear_on_close, closes all of them."""
    closed: list[tuple[str, bool]] = []

    @app.view_closed("form")
    async def gone(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        closed.append((body["view"]["title"]["text"], body["is_cleared"]))

    await connect(app)

    async def stacked(clear: bool = False) -> None:
        closed.clear()
        open_view(workspace, ana, modal("One", [], notify_on_close=True))
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


async def test_dispatch_action(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str) -> None:
    """A choice in an input is sent only with dispatch_action; it survives an update with the same ids."""
    received: list[dict[str, Any]] = []

    @app.action("size")
    async def chosen(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        received.append(body)
        blocks = [*NAME, input_block("size", "static_select", options=CHOICES) | {"dispatch_action": True}]
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=modal("Two", blocks))
        workspace.changes.notify()

    await connect(app)
    select = input_block("size", "static_select", options=CHOICES) | {"dispatch_action": True}
    view = open_view(
        workspace, ana, modal("One", [*NAME, input_block("how", "radio_buttons", options=CHOICES), select])
    )
    await workspace.press(ana, view.id, "name", "typed")
    await workspace.press(ana, view.id, "how", "a")
    assert received == []
    await workspace.press(ana, view.id, "size", "b")
    await workspace.until(lambda: view.content["title"]["text"] == "Two")
    values = received[0]["view"]["state"]["values"]
    assert values["name"]["name"]["value"] == "typed"
    assert values["size"]["size"]["selected_option"] == CHOICES[1]
    assert "how" not in view.values
    assert view.values["name"]["name"]["value"] == "typed"
