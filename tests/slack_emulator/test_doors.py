"""Each door of Slack, gone through by a sample app that talks to the stand-in with the real SDK."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Message, Outcome, Server, Step, View, Workspace
from tests.slack_emulator import sample

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]
Told = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The sample app's manifest."""
    return sample.manifest()


@pytest.fixture
async def told(workspace: Workspace, client: AsyncWebClient, connect: Connect) -> Told:
    """The connected sample app: waits until it was told of a door, and gives what it was told last."""
    app, log = sample.sample(client, workspace.changes.notify)
    await connect(app)

    async def latest(door: str) -> dict[str, Any]:
        def bodies() -> list[dict[str, Any]]:
            return [body for name, body in log if name == door]

        return (await workspace.until(bodies))[-1]

    return latest


async def said(workspace: Workspace, user: str, channel: str, words: str) -> Message:
    """Wait until a person sees a message with those words."""
    return await workspace.until(
        lambda: next((one for one in workspace.seen_by(user, channel) if one.text == words), None)
    )


async def test_command_and_response_url(workspace: Workspace, told: Told, ana: str, ben: str, general: str) -> None:
    """A command is answered at once to its asker, and by its response_url to everybody."""
    outcome = await workspace.command(ana, general, "/hello", "there")
    assert outcome.message
    assert outcome.message.visible_to == ana
    await said(workspace, ben, general, "by response_url")
    body = await told("command")
    assert (body["command"], body["text"], body["user_id"]) == ("/hello", "there", ana)


async def test_mention_dm_and_reaction(workspace: Workspace, told: Told, ana: str, general: str) -> None:
    """A mention is answered in its thread, a direct message directly, a reaction by the same."""
    ts = await workspace.post(ana, general, f"<@{workspace.bot_user_id}> hello")
    assert (await said(workspace, ana, general, "mentioned")).thread_ts == ts
    await workspace.post(ana, workspace.dm_id("ana"), "hello")
    await said(workspace, ana, workspace.dm_id("ana"), "directly")
    await workspace.react(ana, general, ts, "eyes")
    await workspace.until(lambda: workspace.message(general, ts).reactions == {"eyes": [ana, workspace.bot_user_id]})


async def test_button(workspace: Workspace, told: Told, ana: str) -> None:
    """A button's press tells the message and the button, and its response_url replaces the message."""
    dm = workspace.dm_id("ana")
    await workspace.post(ana, dm, "hello")
    message = await said(workspace, ana, dm, "directly")
    assert (await workspace.press(ana, message.ts, "again")).ok
    await workspace.until(lambda: workspace.message(dm, message.ts).text == "pressed")
    body = await told("button")
    assert (body["actions"][0]["value"], body["message"]["ts"]) == ("1", message.ts)
    assert body["container"]["channel_id"] == dm


async def test_group_message(workspace: Workspace, client: AsyncWebClient, told: Told, ana: str, ben: str) -> None:
    """The app opens a direct message with two people, once, and hears what they write there."""
    group = (await client.conversations_open(users=[ana, ben]))["channel"]["id"]
    assert (await client.conversations_open(users=[ben, ana]))["channel"]["id"] == group
    await workspace.post(ben, group, "hello")
    await said(workspace, ana, group, "directly")
    assert (await told("dm"))["event"]["channel_type"] == "mpim"
    assert workspace.seen_by(workspace.user_id("chloe"), group) == []
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.conversations_open(users=[ana, "U0"])


async def test_files(workspace: Workspace, server: Server, told: Told, ana: str, general: str) -> None:
    """A person's picture is a message with a file; the app is told, and its bytes are where the file says."""
    file_id = await workspace.upload(ana, "a & b.png", b"PNG", channel=general, text="look")
    shared = await told("file")
    assert (shared["id"], shared["mimetype"], shared["filetype"]) == (file_id, "image/png", "png")
    assert shared["channels"] == [general]
    message = await said(workspace, ana, general, "look")
    assert (message.subtype, message.files[0]["id"]) == ("file_share", file_id)
    async with aiohttp.ClientSession() as session, session.get(shared["url_private"]) as response:
        assert (response.content_type, await response.read()) == ("image/png", b"PNG")


async def test_message_shortcut_and_closing(workspace: Workspace, told: Told, ana: str, general: str) -> None:
    """A message shortcut tells the message; its modal keeps private_metadata, and closing it is told."""
    ts = await workspace.post(ana, general, "Hello")
    assert (await workspace.shortcut(ana, "look", channel=general, ts=ts)).ok
    body = await told("message shortcut")
    assert (body["type"], body["message"]["text"], body["channel"]["id"]) == ("message_action", "Hello", general)
    assert body["response_url"].startswith("http://127.0.0.1")
    view = await workspace.until(lambda: workspace.modal(ana))
    await workspace.dismiss(ana)
    closed = await told("closed")
    assert (closed["view"]["id"], closed["view"]["private_metadata"], closed["is_cleared"]) == (view.id, ts, False)


async def opened(workspace: Workspace, ana: str) -> View:
    """Use the global shortcut, and wait for its modal."""
    assert (await workspace.shortcut(ana, "begin")).ok
    return await workspace.until(lambda: workspace.modal(ana))


async def test_modal_untouched(workspace: Workspace, told: Told, ana: str) -> None:
    """Submitted as it was opened, a modal tells what was there at first, and of the rest that it is empty."""
    await opened(workspace, ana)
    assert (await workspace.submit(ana)).ok
    assert (await told("global shortcut"))["type"] == "shortcut"
    values = (await told("submission"))["view"]["state"]["values"]
    states = {name: inner[name] for name, inner in values.items()}
    assert states["plain_text_input"] == {"type": "plain_text_input", "value": "begun"}
    assert states["email_text_input"] == {"type": "email_text_input", "value": None}
    assert states["static_select"]["selected_option"] == sample.AB[1]
    assert states["external_select"]["selected_option"] is None
    assert states["multi_users_select"]["selected_users"] == []
    assert states["checkboxes"]["selected_options"] == [sample.AB[0]]
    assert states["radio_buttons"]["selected_option"] is None
    assert states["datepicker"]["selected_date"] == "2026-01-02"
    assert states["file_input"]["files"] == []
    assert list(states) == [block["block_id"] for block in sample.INPUTS]


async def test_modal_filled_in(workspace: Workspace, told: Told, ana: str, ben: str, general: str) -> None:
    """Every usual input tells what was typed and chosen, in Slack's own shape."""
    view = await opened(workspace, ana)
    suggested = await workspace.suggest(ana, view, "external_select", "q")
    file_id = await workspace.upload(ana, "a.txt", b"x")
    typed = {
        "plain_text_input": "done",
        "email_text_input": "a@b.example",
        "url_text_input": "https://a.example",
        "number_input": 7,
        "rich_text_input": "hi :tada:",
        "static_select": "a",
        "external_select": suggested.payload["options"][1],
        "users_select": ben,
        "conversations_select": general,
        "channels_select": general,
        "multi_static_select": ["a", "b"],
        "multi_users_select": [ana, ben],
        "checkboxes": ["b"],
        "radio_buttons": "b",
        "datepicker": "2026-11-23",
        "timepicker": "09:30",
        "datetimepicker": 1_800_000_000,
        "file_input": [file_id],
    }
    assert (await workspace.submit(ana, typed)).ok
    assert workspace.modal(ana) is None
    body = await told("submission")
    states = {name: inner[name] for name, inner in body["view"]["state"]["values"].items()}
    plain = {name: next(value for key, value in state.items() if key != "type") for name, state in states.items()}
    rich = plain.pop("rich_text_input")["elements"][0]["elements"]
    assert rich == [{"type": "text", "text": "hi "}, {"type": "emoji", "name": "tada"}]
    assert [file["name"] for file in plain.pop("file_input")] == ["a.txt"]
    assert plain.pop("static_select") == sample.AB[0]
    assert plain.pop("multi_static_select") == sample.AB
    assert plain.pop("checkboxes") == [sample.AB[1]]
    assert plain.pop("radio_buttons") == sample.AB[1]
    assert plain.pop("external_select") == sample.option("q2")
    assert plain.pop("number_input") == "7"
    assert plain == {name: typed[name] for name in plain}
    urls = [(one["action_id"], one["channel_id"]) for one in body["response_urls"]]
    assert urls == [("conversations_select", general)]
    asked = await told("options")
    assert (asked["type"], asked["value"], asked["view"]["id"]) == ("block_suggestion", "q", view.id)


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("plain_text_input", None),
        ("plain_text_input", "x"),
        ("email_text_input", "nobody"),
        ("url_text_input", "ftp"),
        ("number_input", "1.5"),
        ("number_input", 10),
    ],
)
async def test_what_slack_does_not_submit(
    workspace: Workspace, told: Told, ana: str, action_id: str, value: object
) -> None:
    """An input that is missing or of the wrong form keeps the modal open, and the app is not asked."""
    view = await opened(workspace, ana)
    outcome = await workspace.submit(ana, {action_id: value})
    assert (outcome.error, list(outcome.payload["errors"])) == ("invalid_input", [action_id])
    assert workspace.modal(ana) is view
    assert not any(one.name == "view_submission" for one in workspace.log)


async def test_home(workspace: Workspace, told: Told, ana: str, ben: str) -> None:
    """The Home is published for one person; opened again the app is told what it shows; a choice in it is kept."""
    await workspace.open_home(ana)
    home = await workspace.until(lambda: workspace.home(ana))
    assert workspace.home(ben) is None
    await workspace.open_home(ana)
    await workspace.until(lambda: home.content["private_metadata"] == "again")
    assert (await told("home"))["event"]["view"]["id"] == home.id
    assert (await workspace.press(ana, home, "pick", "b")).ok
    body = await told("home menu")
    assert body["view"]["state"]["values"]["menu"]["pick"]["selected_option"] == sample.AB[1]


async def finished(workspace: Workspace, step: Step) -> Step:
    """Wait until a step is over."""
    await workspace.until(lambda: step.status != "running")
    return step


async def test_step(workspace: Workspace, told: Told, ana: str) -> None:
    """A step is completed with its outputs, or fails with the app's words."""
    step = await finished(workspace, await workspace.run_step(ana, "hello", {"text": "world"}))
    assert (step.status, step.outputs) == ("completed", {"text": "Hello, world"})
    step = await finished(workspace, await workspace.run_step(ana, "hello", {"text": ""}))
    assert (step.status, step.error) == ("failed", "There is nobody to greet.")
    with pytest.raises(ValueError, match="no function 'other'; it has hello, ask"):
        await workspace.run_step(ana, "other")
    with pytest.raises(ValueError, match="text is required"):
        await workspace.run_step(ana, "hello")
    with pytest.raises(ValueError, match="must be of the type string"):
        await workspace.run_step(ana, "hello", {"text": 1})


async def test_step_that_asks_a_person(
    workspace: Workspace, server: Server, client: AsyncWebClient, told: Told, ana: str
) -> None:
    """A step's button and modal carry the step along, and its own token ends with it."""
    step = await workspace.run_step(ana, "ask", {"who": ana})
    message = await said(workspace, ana, workspace.dm_id("ana"), "Well?")
    event = (await told("step"))["event"]
    assert event["function"]["callback_id"] == "ask"
    assert [one["name"] for one in event["function"]["output_parameters"]] == ["answer"]
    with pytest.raises(SlackApiError, match="parameter_validation_failed"):
        await client.functions_completeSuccess(function_execution_id=step.id, outputs={})
    assert (await workspace.press(ana, message, "well")).ok
    data = (await told("step button"))["function_data"]
    assert data == {"execution_id": step.id, "function": {"callback_id": "ask"}, "inputs": {"who": ana}}
    await workspace.until(lambda: workspace.modal(ana))
    assert (await workspace.submit(ana, {"plain_text_input": "fine"})).ok
    assert (await finished(workspace, step)).outputs == {"answer": "fine"}
    with pytest.raises(SlackApiError, match="execution_not_in_running_state"):
        await client.functions_completeError(function_execution_id=step.id, error="late")
    with pytest.raises(SlackApiError, match="function_execution_not_found"):
        await client.functions_completeError(function_execution_id="Fx0", error="x")
    with pytest.raises(SlackApiError, match="token_revoked"):
        await AsyncWebClient(step.token, base_url=server.api_url).auth_test()
    assert step.token not in str(list(workspace.log))


async def test_an_app_that_does_not_acknowledge(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """Without the app, shortcuts fail as in Slack."""
    assert await workspace.shortcut(ana, "begin") == Outcome("dispatch_failed")
