"""The actions of the control API."""

import base64
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator import sample_app
from tests.slack_emulator.conftest import Connect


async def call(http: aiohttp.ClientSession, name: str, /, **arguments: object) -> tuple[int, Any]:
    """Call an action, and return the status and the response."""
    async with http.post(f"/control/{name}", json=arguments) as response:
        return response.status, await response.json()


PLAIN = {"type": "plain_text", "text": "Go"}


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return the sample app's manifest."""
    return sample_app.manifest()


async def perform(http: aiohttp.ClientSession, name: str, **arguments: object) -> Any:  # noqa: ANN401 - the action's own result
    """Perform an action that must succeed, and return its result."""
    async with http.post(f"/control/{name}", json=arguments) as response:
        answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]


async def test_messages(workspace: Workspace, http: aiohttp.ClientSession, ana: str, general: str) -> None:
    """A person posts, edits and reacts, and sees the result."""
    ts = await perform(http, "post", user=ana, channel=general, text="a < b @ben #random", typed=True)
    ben, random = workspace.user_id("ben"), workspace.channel_id("random")
    assert workspace.message(general, ts).text == f"a &lt; b <@{ben}> <#{random}|random>"
    await perform(http, "react", user=ana, channel=general, ts=ts, emoji="eyes")
    await perform(http, "edit", user=ana, channel=general, ts=ts, text="better")
    seen = await perform(http, "seen", user=ana, channel=general)
    assert [(one["text"], one["author"], one["ephemeral"]) for one in seen] == [("better", "Ana Ruiz", False)]
    assert seen[0]["reactions"][0]["name"] == "eyes"
    assert (await perform(http, "log"))[-1]["name"] in ("message", "reaction_added")
    assert (await perform(http, "overview"))["commands"] == [{"command": "/echo", "hint": "[words]"}]
    assert (await perform(http, "views", user=ana)) == {"modal": None, "home": None}


async def test_log_of_unknown_method(
    client: AsyncWebClient, http: aiohttp.ClientSession, workspace: Workspace, general: str
) -> None:
    """The log says that the emulator lacks a method, and nothing of the kind about other errors."""
    for method in ("chat.shout", "chat.postMessage"):
        with pytest.raises(SlackApiError):
            await client.api_call(method, json={"channel": general})
    unknown, refused = (await perform(http, "log"))[-2:]
    assert (unknown["answer"]["error"], unknown["note"]) == ("unknown_method", "the emulator has no such method")
    assert (refused["answer"]["error"], refused["note"]) == ("no_text", "")


async def test_faults(workspace: Workspace, http: aiohttp.ClientSession) -> None:
    """Faults are added and removed."""
    await perform(http, "fault", api={"method": "chat.*", "status": 429})
    await perform(http, "fault", event={"copies": 1})
    assert (len(workspace.faults.api), len(workspace.faults.events)) == (1, 1)
    await perform(http, "fault", refused_blocks=["alert"])
    assert workspace.state.refused_blocks == {"alert"}
    await perform(http, "fault", clear=True)
    assert not workspace.faults.api
    assert not workspace.state.refused_blocks


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("command", {"user": "U0"}, 400),
        ("seen", {"user": "U0", "channel": "C0"}, 400),
        ("fault", {}, 400),
        ("fault", {"refused_blocks": [1]}, 400),
        ("step", {"id": "Fx0", "wait": "long"}, 400),
        ("step", {"id": "Fx0", "wait": -1}, 400),
        ("invite", {"user": "U0", "channel": "C0", "invited": "U1", "again": True}, 400),
        ("shout", {}, 404),
    ],
)
async def test_errors(http: aiohttp.ClientSession, name: str, arguments: dict[str, object], status: int) -> None:
    """An action that fails returns an error status."""
    async with http.post(f"/control/{name}", json=arguments) as response:
        assert response.status == status


async def test_deeply_nested_arguments(http: aiohttp.ClientSession) -> None:
    """JSON that is nested too deeply is refused."""
    async with http.post("/control/seen", data="[" * 100_000) as response:
        assert response.status == 400


ODD = [None, 5, 1.5, True, [], [1], {}, {"a": None}, "x"]


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(
    "replaced", ["user", "channel", "text", "blocks", "files", "thread_ts", "reactions", "is_reply"]
)
async def test_invalid_post(http: aiohttp.ClientSession, ana: str, general: str, replaced: str, odd: object) -> None:
    """A message with an argument of any type is posted or refused with a reason of one line."""
    arguments = {"user": ana, "channel": general, "text": "x", "blocks": [], replaced: odd}
    status, answer = await call(http, "post", **arguments)
    assert status == (200 if answer["ok"] else 400)
    if replaced in ("user", "channel", "text") and not (replaced == "text" and odd == "x"):
        assert status == 400
        assert "\n" not in answer.get("reason", "")


@pytest.mark.parametrize("odd", ODD, ids=str)
async def test_invalid_types(
    workspace: Workspace, app: AsyncApp, connect: Connect, http: aiohttp.ClientSession, ana: str, odd: object
) -> None:
    """No action fails with an error of the server, whatever the type of an argument."""
    sample_app.listen(app)
    await connect(app)
    await workspace.shortcut(ana, "begin")
    view = await workspace.until(lambda: workspace.modal(ana))
    general, ts = workspace.channel_id("general"), await workspace.post(ana, workspace.channel_id("general"), "x")
    target = {"user": ana, "channel": general, "ts": ts}
    element = {"user": ana, "thing": view.id, "action_id": "name", "block_id": "name"}
    complete: dict[str, dict[str, Any]] = {
        "press": {**element, "value": "x", "values": {}},
        "suggest": {**element, "action_id": "city", "block_id": "city", "typed": "ma"},
        "submit": {"user": ana, "values": {"size": "x"}},
        "react": {**target, "emoji": "eyes"},
        "unreact": {**target, "emoji": "eyes"},
        "edit": {**target, "text": "y", "typed": True},
        "seen": {"user": ana, "channel": general},
        "views": {"user": ana},
        "command": {"user": ana, "channel": general, "command": "/echo", "text": "x"},
        "shortcut": {"user": ana, "callback_id": "look", "channel": general, "ts": ts},
        "run_step": {"user": ana, "callback_id": "greet", "inputs": {"who": ana, "times": 1}},
        "step": {"id": "Fx0"},
        "share": {"user": ana, "channel": general, "files": ["F0"], "text": "x"},
        "upload": {"user": ana, "name": "a.txt", "content": "eA==", "channel": general, "text": "x"},
        "invite": {"user": ana, "channel": general, "invited": "U0"},
        "archive": {"user": ana, "channel": general},
        "open_home": {"user": ana, "tab": "home"},
        "fault": {"api": {"method": "no.such", "times": 1}},
        "dismiss": {"user": ana, "whole": False},
        "delete": target,
    }
    for action, arguments in complete.items():
        for name in arguments:
            status, answer = await call(http, action, **{**arguments, name: odd})
            assert status == (200 if answer["ok"] else 400), (action, name)
    for body in ("null", "5", "[]", "no JSON"):
        async with http.post("/control/press", data=body, headers={"Content-Type": "application/json"}) as response:
            assert response.status == 400


@pytest.mark.parametrize("fault", [{"times": "x"}, {"status": []}, {"method": None}, {"wait": {}}, {"shout": 1}])
async def test_invalid_fault(workspace: Workspace, http: aiohttp.ClientSession, fault: dict[str, object]) -> None:
    """A fault with a field of the wrong type is refused, and not active."""
    assert (await call(http, "fault", api=fault))[0] == 400
    assert not workspace.faults.api


async def test_press_in_a_view(workspace: Workspace, http: aiohttp.ClientSession, ana: str, ben: str) -> None:
    """Only the user of a view can press its buttons."""
    block = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": PLAIN}]}
    view = workspace.views.publish(ana, {"type": "home", "blocks": [block]})
    outcome = await perform(http, "press", user=ana, thing=view.id, action_id="go")
    assert outcome["error"] == "dispatch_failed"  # the app is not connected
    async with http.post("/control/press", json={"user": ben, "thing": view.id, "action_id": "go"}) as response:
        assert (response.status, (await response.json())["error"]) == (400, "message_not_found")


async def test_steps(
    workspace: Workspace, app: AsyncApp, connect: Connect, http: aiohttp.ClientSession, ana: str
) -> None:
    """The outputs of a step are returned when it ends in time, and later by its id."""
    sample_app.listen(app)
    await connect(app)
    _, ran = await call(http, "run_step", user=ana, callback_id="greet", inputs={"who": ana, "times": 1})
    ended = {"status": "completed", "outputs": {"greeting": "Hello "}, "error": None}
    assert ran["result"] == {"id": ran["result"]["id"]} | ended
    assert (await call(http, "step", id=ran["result"]["id"]))[1]["result"] == ran["result"]
    _, waiting = await call(http, "run_step", user=ana, callback_id="ask", inputs={"who": ana}, wait=0)
    assert waiting["result"]["status"] == "running"
    assert await call(http, "step", id="Fx0") == (400, {"ok": False, "error": "function_execution_not_found"})
    status, refused = await call(http, "run_step", user=ana, callback_id="nothing")
    assert (status, refused["error"]) == (400, "invalid_arguments")


async def test_upload(workspace: Workspace, http: aiohttp.ClientSession, ana: str, general: str) -> None:
    """A file is uploaded and shared; invalid base64 is refused."""
    content = base64.b64encode(b"x").decode()
    _, done = await call(http, "upload", user=ana, name="a.txt", content=content, channel=general, text="see")
    message = workspace.seen_by(ana, general)[-1]
    assert (message.text, message.files[0]["id"]) == ("see", done["result"])
    assert (await call(http, "upload", user=ana, name="a.txt", content="?"))[0] == 400
    assert (await call(http, "upload", user=ana, name="a", content=content, channel="C0"))[1][
        "error"
    ] == "channel_not_found"


async def test_suggestions(
    workspace: Workspace, app: AsyncApp, connect: Connect, http: aiohttp.ClientSession, ana: str
) -> None:
    """The options that the app suggests are returned."""
    sample_app.listen(app)
    await connect(app)
    await workspace.shortcut(ana, "begin")
    view = await workspace.until(lambda: workspace.modal(ana))
    _, found = await call(http, "suggest", user=ana, thing=view.id, action_id="city", typed="mi")
    assert [option["value"] for option in found["result"]["payload"]["options"]] == ["mint"]
    _, none = await call(http, "suggest", user=ana, thing=view.id, action_id="city", typed="m")
    assert none["result"] == {"error": None, "payload": {}}
    assert (await call(http, "suggest", user=ana, thing=view.id, action_id="guest", typed="mi"))[0] == 400
