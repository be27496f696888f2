"""The control API and the page."""

from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import aiohttp
import pytest

from slack_emulator import Server, Workspace

PLAIN = {"type": "plain_text", "text": "Go"}


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that knows the control token."""
    async with aiohttp.ClientSession(server.url, headers={"X-Control-Token": server.control_token}) as session:
        yield session


async def act(http: aiohttp.ClientSession, name: str, **told: object) -> Any:  # noqa: ANN401 - an act's own result
    """Do one act that must succeed."""
    async with http.post(f"/control/{name}", json=told) as response:
        answer = await response.json()
        assert answer["ok"], answer
        return answer["result"]


async def test_acting(workspace: Workspace, http: aiohttp.ClientSession, ana: str, general: str) -> None:
    """A person posts what was typed, edits, reacts, and sees it; the log tells of it."""
    ts = await act(http, "post", user=ana, channel=general, text="a < b @ben #random", typed=True)
    ben, random = workspace.user_id("ben"), workspace.channel_id("random")
    assert workspace.message(general, ts).text == f"a &lt; b <@{ben}> <#{random}|random>"
    await act(http, "react", user=ana, channel=general, ts=ts, emoji="eyes")
    await act(http, "edit", user=ana, channel=general, ts=ts, text="better")
    seen = await act(http, "seen", user=ana, channel=general)
    assert [(one["text"], one["author"], one["ephemeral"]) for one in seen] == [("better", "Ana Ruiz", False)]
    assert seen[0]["reactions"][0]["name"] == "eyes"
    assert (await act(http, "log"))[-1]["name"] in ("message", "reaction_added")
    assert (await act(http, "overview"))["commands"] == [{"command": "/echo", "hint": "[words]"}]
    assert (await act(http, "views", user=ana)) == {"modal": None, "home": None}


async def test_faults(workspace: Workspace, http: aiohttp.ClientSession) -> None:
    """Faults are put in force and ended."""
    await act(http, "fault", api={"method": "chat.*", "status": 429})
    await act(http, "fault", event={"copies": 1})
    assert (len(workspace.faults.api), len(workspace.faults.events)) == (1, 1)
    await act(http, "fault", clear=True)
    assert not workspace.faults.api


@pytest.mark.parametrize(
    ("name", "told", "status"),
    [
        ("command", {"user": "U0"}, 400),
        ("seen", {"user": "U0", "channel": "C0"}, 400),
        ("fault", {}, 400),
        ("shout", {}, 404),
    ],
)
async def test_refusals(http: aiohttp.ClientSession, name: str, told: dict[str, str], status: int) -> None:
    """An act that cannot be done is refused with its reason."""
    async with http.post(f"/control/{name}", json=told) as response:
        assert response.status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "SELF"}, 200),
        ({"X-Control-Token": ""}, 401),
        ({"X-Control-Token": "näh"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "localhost:1"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
    ],
)
async def test_only_its_own_page(
    server: Server, http: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    """Without the token, under another host's name, or from another origin, nobody may act."""
    headers = {name: server.url if value == "SELF" else value for name, value in headers.items()}
    async with http.post("/control/log", json={}, headers=headers) as response:
        assert response.status == status
    async with http.get("/", headers=headers) as response:
        assert response.status == (403 if status == 403 else 200)


async def test_page(server: Server, workspace: Workspace, http: aiohttp.ClientSession) -> None:
    """The page comes with its token, may load nothing from elsewhere, and its script never writes HTML."""
    async with http.get("/") as response:
        assert server.control_token in await response.text()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in response.headers
    for module in files("slack_emulator.page").joinpath("static").iterdir():
        async with http.get(f"/page/{module.name}") as response:
            assert response.status == (404 if module.name == "index.html" else 200)
            text = await response.text()
            assert not any(word in text for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"))
    async with http.get("/page/..%2Fcontrol.py") as response:
        assert response.status == 404


async def test_live(server: Server, workspace: Workspace, http: aiohttp.ClientSession, ana: str, general: str) -> None:
    """A window is told of the whole at first, and then of what has changed where it looks."""
    async with http.ws_connect("/control/live") as window:
        await window.send_json({"token": server.control_token, "user": ana, "channel": general})
        told = [await window.receive_json(timeout=5) for _ in range(3)]
        assert [one["part"] for one in told] == ["overview", "messages", "views"]
        await workspace.post(ana, general, "x")
        parts: dict[str, Any] = {}
        while not {"messages", "log"} <= parts.keys():
            told_now = await window.receive_json(timeout=5)
            parts[told_now["part"]] = told_now["value"]
        assert [message["text"] for message in parts["messages"]["list"]] == ["x"]
        assert parts["log"][0]["name"] == "message"


async def test_live_of_another_run(http: aiohttp.ClientSession) -> None:
    """A window with the token of an earlier run is closed with the code that makes it load again."""
    for first in ('{"token": "old"}', "[]", "no JSON"):
        async with http.ws_connect("/control/live") as window:
            await window.send_str(first)
            assert (await window.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            assert window.close_code == 4401


async def test_live_for_its_own_page_only(http: aiohttp.ClientSession) -> None:
    """A page on another site cannot open a window."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect("/control/live", headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403


async def test_pressing_in_a_view(workspace: Workspace, http: aiohttp.ClientSession, ana: str, ben: str) -> None:
    """Who has a view open presses in it; nobody else does."""
    block = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": PLAIN}]}
    view = workspace.views.publish(ana, {"type": "home", "blocks": [block]})
    outcome = await act(http, "press", user=ana, thing=view.id, action_id="go")
    assert outcome["error"] == "dispatch_failed"  # nobody is connected
    async with http.post("/control/press", json={"user": ben, "thing": view.id, "action_id": "go"}) as response:
        assert (response.status, (await response.json())["error"]) == (400, "message_not_found")
