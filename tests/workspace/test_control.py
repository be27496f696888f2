"""The control API and the page."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.workspace import Server, Workspace


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
    async with http.get("/page/page.js") as response:
        assert "innerHTML" not in await response.text()
    async with http.get("/page/..%2Fcontrol.py") as response:
        assert response.status == 404


async def test_changes(workspace: Workspace, http: aiohttp.ClientSession, ana: str, general: str) -> None:
    """Whoever follows is told at once of a change."""
    async with http.get("/control/changes") as response:
        assert await response.content.readline() == b"data: changed\n"
        await response.content.readline()
        await workspace.post(ana, general, "x")
        assert await response.content.readline() == b"data: changed\n"
