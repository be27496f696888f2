"""A workspace with the sample app, which uses each kind of event and interaction."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Message, Outcome, Server, Step, View, Workspace
from tests.slack_emulator import sample_app
from tests.slack_emulator.conftest import Connect
from tests.slack_emulator.sample_blocks import INPUTS, options

Received = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return the sample app's manifest."""
    return sample_app.manifest()


@pytest.fixture
async def received(workspace: Workspace, app: AsyncApp, connect: Connect) -> Received:
    """Connect the sample app; wait for the latest body that it has received under a name."""
    bodies: dict[str, dict[str, Any]] = {}

    def record(name: str, body: dict[str, Any]) -> None:
        bodies[name] = body
        workspace.changes.notify()

    sample_app.listen(app, record)
    await connect(app)

    async def latest(name: str) -> dict[str, Any]:
        return await workspace.until(lambda: bodies.get(name))

    return latest


async def find_message(workspace: Workspace, user: str, channel: str, text: str) -> Message:
    """Wait until a user sees a message with a text."""
    return await workspace.until(
        lambda: next((message for message in workspace.seen_by(user, channel) if message.text == text), None)
    )


async def test_command(workspace: Workspace, received: Received, ana: str, ben: str, general: str) -> None:
    """A command is answered in its acknowledgement, or later by its response URL."""
    outcome = await workspace.command(ana, general, "/echo", "hi")
    assert outcome.message
    assert (outcome.message.text, outcome.message.visible_to) == ("You said hi", ana)
    await workspace.command(ana, general, "/echo", "later")
    await find_message(workspace, ben, general, "by response_url")
    body = await received("command")
    assert (body["command"], body["text"], body["user_id"]) == ("/echo", "later", ana)


async def test_mention_and_reaction(workspace: Workspace, received: Received, ana: str, general: str) -> None:
    """The app replies to a mention in its thread, and to a reaction with the same reaction."""
    ts = await workspace.post(ana, general, f"<@{workspace.bot_user_id}> hello")
    assert (await find_message(workspace, ana, general, "I heard *you*")).thread_ts == ts
    await workspace.react(ana, general, ts, "eyes")
    await workspace.until(lambda: workspace.message(general, ts).reactions == {"eyes": [ana, workspace.bot_user_id]})


async def test_direct_message_and_button(workspace: Workspace, received: Received, ana: str) -> None:
    """A pressed button is sent with its message, and its response URL replaces the message."""
    dm = workspace.dm_id("ana")
    await workspace.post(ana, dm, "hello")
    message = await find_message(workspace, ana, dm, "Pressed 0 times")
    assert (await workspace.press(ana, message.ts, "count")).ok
    await workspace.until(lambda: workspace.message(dm, message.ts).text == "Pressed 1 times")
    body = await received("button")
    assert (body["actions"][0]["value"], body["message"]["ts"]) == ("0", message.ts)
    assert body["container"]["channel_id"] == dm


async def test_group_dm(workspace: Workspace, client: AsyncWebClient, received: Received, ana: str, ben: str) -> None:
    """The app opens one direct message with two people, and receives their messages in it."""
    group = (await client.conversations_open(users=[ana, ben]))["channel"]["id"]
    assert (await client.conversations_open(users=[ben, ana]))["channel"]["id"] == group
    await workspace.post(ben, group, "hello")
    await find_message(workspace, ana, group, "Pressed 0 times")
    assert (await received("dm"))["event"]["channel_type"] == "mpim"
    assert workspace.seen_by(workspace.user_id("chloe"), group) == []
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.conversations_open(users=[ana, "U0"])


async def test_files(workspace: Workspace, server: Server, received: Received, ana: str, general: str) -> None:
    """A person's file is posted in a message, and the app gets its URL."""
    file_id = await workspace.upload(ana, "a & b.png", b"PNG", channel=general, text="look")
    shared = await received("file")
    assert (shared["id"], shared["mimetype"], shared["filetype"]) == (file_id, "image/png", "png")
    assert shared["channels"] == [general]
    message = await find_message(workspace, ana, general, "look")
    assert (message.subtype, message.files[0]["id"]) == ("file_share", file_id)
    async with aiohttp.ClientSession() as session, session.get(shared["url_private"]) as response:
        assert (response.content_type, await response.read()) == ("image/png", b"PNG")


async def test_message_shortcut(workspace: Workspace, received: Received, ana: str, general: str) -> None:
    """A message shortcut is sent with the message; closing its modal is sent with the private_metadata."""
    ts = await workspace.post(ana, general, "Hello")
    assert (await workspace.shortcut(ana, "look", channel=general, ts=ts)).ok
    body = await received("message shortcut")
    assert (body["type"], body["message"]["text"], body["channel"]["id"]) == ("message_action", "Hello", general)
    assert body["response_url"].startswith("http://127.0.0.1")
    view = await workspace.until(lambda: workspace.modal(ana))
    await workspace.dismiss(ana)
    closed = await received("closed")
    assert (closed["view"]["id"], closed["view"]["private_metadata"], closed["is_cleared"]) == (view.id, ts, False)


async def open_form(workspace: Workspace, ana: str) -> View:
    """Use the global shortcut, and wait for its modal."""
    assert (await workspace.shortcut(ana, "begin")).ok
    return await workspace.until(lambda: workspace.modal(ana))


async def test_initial_values(workspace: Workspace, received: Received, ana: str) -> None:
    """Inputs that were not changed are submitted with their initial values, or as empty."""
    await open_form(workspace, ana)
    assert (await workspace.submit(ana, {"name": "Ana"})).ok
    assert (await received("global shortcut"))["type"] == "shortcut"
    values = (await received("submission"))["view"]["state"]["values"]
    states = {name: inner[name] for name, inner in values.items()}
    assert states["name"] == {"type": "plain_text_input", "value": "Ana"}
    assert states["email"] == {"type": "email_text_input", "value": None}
    assert states["size"]["selected_option"] == options("Small")[0]
    assert states["city"]["selected_option"] is None
    assert states["others"]["selected_users"] == []
    assert states["extras"]["selected_options"] == options("Milk")
    assert states["how"]["selected_option"] == options("Here")[0]
    assert states["day"]["selected_date"] == "2026-01-02"
    assert states["papers"]["files"] == []
    assert list(states) == [block["block_id"] for block in INPUTS]


async def test_entered_values(workspace: Workspace, received: Received, ana: str, ben: str, general: str) -> None:
    """Each kind of input is submitted in Slack's format."""
    view = await open_form(workspace, ana)
    suggested = await workspace.suggest(ana, view, "city", "ma")
    file_id = await workspace.upload(ana, "a.txt", b"x")
    entered = {
        "name": "Ana",
        "email": "a@b.example",
        "site": "https://a.example",
        "amount": 7,
        "note": "hi :tada:",
        "size": "large",
        "tags": ["red", "blue"],
        "extras": ["sugar"],
        "how": "away",
        "guest": ben,
        "others": [ana, ben],
        "place": general,
        "room": general,
        "day": "2026-11-23",
        "hour": "09:30",
        "start": 1_800_000_000,
        "city": suggested.payload["options"][1],
        "papers": [file_id],
    }
    assert (await workspace.submit(ana, entered)).ok
    assert workspace.modal(ana) is None
    body = await received("submission")
    states = {name: inner[name] for name, inner in body["view"]["state"]["values"].items()}
    values = {name: next(value for key, value in state.items() if key != "type") for name, state in states.items()}
    rich = values.pop("note")["elements"][0]["elements"]
    assert rich == [{"type": "text", "text": "hi "}, {"type": "emoji", "name": "tada"}]
    assert [file["name"] for file in values.pop("papers")] == ["a.txt"]
    assert values.pop("size") == options("Large")[0]
    assert values.pop("tags") == options("Red", "Blue")
    assert values.pop("extras") == options("Sugar")
    assert values.pop("how") == options("Away")[0]
    assert values.pop("city") == options("Manila")[0]
    assert values.pop("toppings") == []
    assert values.pop("amount") == "7"
    assert values == {name: entered[name] for name in values}
    urls = [(url["action_id"], url["channel_id"]) for url in body["response_urls"]]
    assert urls == [("place", general)]
    suggestion = await received("options")
    assert (suggestion["type"], suggestion["value"], suggestion["view"]["id"]) == ("block_suggestion", "ma", view.id)


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("name", None),
        ("name", "x"),
        ("email", "nobody"),
        ("site", "ftp"),
        ("amount", "1.5"),
        ("amount", 10),
    ],
)
async def test_invalid_values(
    workspace: Workspace, received: Received, ana: str, action_id: str, value: object
) -> None:
    """A missing or malformed value keeps the modal open, and the app does not receive the submission."""
    view = await open_form(workspace, ana)
    outcome = await workspace.submit(ana, {"name": "Ana", action_id: value})
    assert (outcome.error, list(outcome.payload["errors"])) == ("invalid_input", [action_id])
    assert workspace.modal(ana) is view
    assert not any(entry.name == "view_submission" for entry in workspace.log)


async def test_home(workspace: Workspace, received: Received, ana: str, ben: str) -> None:
    """An App Home belongs to one person; opening it again sends the published view; choices are sent."""
    await workspace.open_home(ana)
    home = await workspace.until(lambda: workspace.home(ana))
    assert workspace.home(ben) is None
    await workspace.open_home(ana)
    assert (await received("home again"))["event"]["view"]["id"] == home.id
    assert (await workspace.press(ana, home, "switch", ["notify me"])).ok
    body = await received("switch")
    assert body["view"]["state"]["values"]["s"]["switch"]["selected_options"] == options("Notify me")


async def wait_for_end(workspace: Workspace, step: Step) -> Step:
    """Wait until a step has ended."""
    await workspace.until(lambda: step.status != "running")
    return step


async def test_step(workspace: Workspace, received: Received, ana: str) -> None:
    """A step completes with outputs, or fails with an error; invalid inputs are refused."""
    step = await wait_for_end(workspace, await workspace.run_step(ana, "greet", {"who": ana, "times": 2}))
    assert (step.status, step.outputs) == ("completed", {"greeting": "Hello Hello "})
    step = await wait_for_end(workspace, await workspace.run_step(ana, "greet", {"who": ana, "times": 9}))
    assert (step.status, step.error) == ("failed", "That is too often.")
    with pytest.raises(ValueError, match="no function 'other'; it has greet, ask"):
        await workspace.run_step(ana, "other")
    with pytest.raises(ValueError, match="times is required"):
        await workspace.run_step(ana, "greet", {"who": ana})
    with pytest.raises(ValueError, match="must be of the type integer"):
        await workspace.run_step(ana, "greet", {"who": ana, "times": "2"})


async def test_step_with_interactions(
    workspace: Workspace, server: Server, client: AsyncWebClient, received: Received, ana: str
) -> None:
    """The button and modal of a step belong to the step, whose token can update the message when it has ended."""
    step = await workspace.run_step(ana, "ask", {"who": ana})
    message = await find_message(workspace, ana, workspace.dm_id("ana"), "Well?")
    event = (await received("step"))["event"]
    assert event["function"]["callback_id"] == "ask"
    assert [parameter["name"] for parameter in event["function"]["output_parameters"]] == ["answer"]
    with pytest.raises(SlackApiError, match="parameter_validation_failed"):
        await client.functions_completeSuccess(function_execution_id=step.id, outputs={})
    assert (await workspace.press(ana, message, "well")).ok
    data = (await received("step button"))["function_data"]
    assert data == {"execution_id": step.id, "function": {"callback_id": "ask"}, "inputs": {"who": ana}}
    await workspace.until(lambda: workspace.modal(ana))
    assert (await workspace.submit(ana, {"answer": "fine"})).ok
    assert (await wait_for_end(workspace, step)).outputs == {"answer": "fine"}
    with pytest.raises(SlackApiError, match="execution_not_in_running_state"):
        await client.functions_completeError(function_execution_id=step.id, error="late")
    with pytest.raises(SlackApiError, match="function_execution_not_found"):
        await client.functions_completeError(function_execution_id="Fx0", error="x")
    scoped = AsyncWebClient(step.token, base_url=server.api_url)
    await scoped.chat_update(channel=message.channel, ts=message.ts, text="Completed")
    assert workspace.message(message.channel, message.ts).text == "Completed"
    assert step.token not in str(list(workspace.log))


async def test_shortcut_without_the_app(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """If the app is not connected, a shortcut fails."""
    assert await workspace.shortcut(ana, "begin") == Outcome("dispatch_failed")
