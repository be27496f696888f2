"""The control API's acts on files, menus that the app fills, and workflow steps."""

import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Server, Workspace
from tests.slack_emulator import sample

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]
Act = Callable[..., Awaitable[Any]]


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The sample app's manifest."""
    return sample.manifest()


@pytest.fixture
async def act(server: Server) -> AsyncIterator[Act]:
    """Do an act, and give its status and answer."""
    headers = {"X-Control-Token": server.control_token}
    async with aiohttp.ClientSession(server.url, headers=headers) as session:

        async def acted(name: str, /, **told: object) -> tuple[int, Any]:
            async with session.post(f"/control/{name}", json=told) as response:
                return response.status, await response.json()

        yield acted


async def test_steps(workspace: Workspace, client: AsyncWebClient, connect: Connect, act: Act, ana: str) -> None:
    """A step is run, and its outputs are shown when it ends in time, and later by its id."""
    await connect(sample.sample(client, workspace.changes.notify)[0])
    _, ran = await act("run_step", user=ana, callback_id="hello", inputs={"text": "you"})
    ended = {"status": "completed", "outputs": {"text": "Hello, you"}, "error": None}
    assert ran["result"] == {"id": ran["result"]["id"]} | ended
    assert (await act("step", id=ran["result"]["id"]))[1]["result"] == ran["result"]
    _, waiting = await act("run_step", user=ana, callback_id="ask", inputs={"who": ana}, wait=0)
    assert waiting["result"]["status"] == "running"
    assert await act("step", id="Fx0") == (400, {"ok": False, "error": "function_execution_not_found"})
    status, refused = await act("run_step", user=ana, callback_id="nothing")
    assert (status, refused["error"]) == (400, "invalid_arguments")


async def test_step_token_expires(
    workspace: Workspace, server: Server, client: AsyncWebClient, connect: Connect, ana: str
) -> None:
    """A step's token calls the Web API for a quarter of an hour."""
    step = await workspace.run_step(ana, "ask", {"who": ana})
    scoped = AsyncWebClient(step.token, base_url=server.api_url)
    assert (await scoped.auth_test())["bot_id"] == workspace.bot_id
    workspace.state.clock = lambda: time.time() + 15 * 60 + 1
    with pytest.raises(SlackApiError, match="token_expired"):
        await scoped.auth_test()


async def test_upload(workspace: Workspace, act: Act, ana: str, general: str) -> None:
    """A person's file is shared with a text; what is no base64 is refused."""
    content = base64.b64encode(b"x").decode()
    _, done = await act("upload", user=ana, name="a.txt", content=content, channel=general, text="see")
    message = workspace.seen_by(ana, general)[-1]
    assert (message.text, message.files[0]["id"]) == ("see", done["result"])
    assert (await act("upload", user=ana, name="a.txt", content="?"))[0] == 400
    assert (await act("upload", user=ana, name="a", content=content, channel="C0"))[1]["error"] == "channel_not_found"


async def test_suggestions(workspace: Workspace, client: AsyncWebClient, connect: Connect, act: Act, ana: str) -> None:
    """What the app suggests for what was typed comes back."""
    await connect(sample.sample(client, workspace.changes.notify)[0])
    await workspace.shortcut(ana, "begin")
    view = await workspace.until(lambda: workspace.modal(ana))
    _, found = await act("suggest", user=ana, thing=view.id, action_id="external_select", typed="z")
    assert [option["value"] for option in found["result"]["payload"]["options"]] == ["z1", "z2"]
    _, none = await act("suggest", user=ana, thing=view.id, action_id="external_select", typed="")
    assert none["result"] == {"error": None, "payload": {}}
    assert (await act("suggest", user=ana, thing=view.id, action_id="users_select", typed="z"))[0] == 400


async def test_guarded(server: Server) -> None:
    """Without the token, or from another site, none of these acts is done."""
    async with aiohttp.ClientSession(server.url) as session:
        for name in ("run_step", "step", "upload", "suggest"):
            async with session.post(f"/control/{name}", json={}) as response:
                assert response.status == 401
            headers = {"X-Control-Token": server.control_token, "Origin": "http://evil.example"}
            async with session.post(f"/control/{name}", json={}, headers=headers) as response:
                assert response.status == 403
