"""The page, and access to the control API."""

from importlib.resources import files

import aiohttp
import pytest

from slack_emulator import Server, Workspace


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
async def test_access(server: Server, http: aiohttp.ClientSession, headers: dict[str, str], status: int) -> None:
    """Requests without the token, with another host name or from another origin are refused."""
    headers = {name: server.url if value == "SELF" else value for name, value in headers.items()}
    async with http.post("/control/log", json={}, headers=headers) as response:
        assert response.status == status
    async with http.get("/", headers=headers) as response:
        assert response.status == (403 if status == 403 else 200)


async def test_page(server: Server, workspace: Workspace, http: aiohttp.ClientSession) -> None:
    """The page contains the token, loads nothing from other servers, and its scripts never insert HTML."""
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


async def test_all_actions_need_the_token(server: Server) -> None:
    """Actions need the token, and refuse other origins."""
    async with aiohttp.ClientSession(server.url) as session:
        for name in ("run_step", "step", "upload", "suggest"):
            async with session.post(f"/control/{name}", json={}) as response:
                assert response.status == 401
            headers = {"X-Control-Token": server.control_token, "Origin": "http://evil.example"}
            async with session.post(f"/control/{name}", json={}, headers=headers) as response:
                assert response.status == 403
