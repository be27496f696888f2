"""Socket Mode with the clients of slack_sdk."""

import asyncio
import threading
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import (
    Server,
    Workspace,
)
from tests.slack_emulator.conftest import Connect
from tests.slack_emulator.transport.conftest import EVENT


async def test_reconnect(workspace: Workspace, app: AsyncApp, connect: Connect, received: list[Any]) -> None:
    """After an aborted connection the client reconnects, and events arrive again."""
    handler = await connect(app)
    handler.client.ping_interval = 0.1  # it also checks the connection at this interval
    await workspace.sockets.drop()
    await workspace.until(lambda: not workspace.sockets.connections)
    await workspace.until(lambda: workspace.sockets.connections, timeout=15)
    assert await workspace.deliver(EVENT)


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_disconnect_frame(
    workspace: Workspace, app: AsyncApp, connect: Connect, received: list[Any], reason: str
) -> None:
    """After a disconnect frame the client opens a new connection, and no event is lost."""
    await connect(app)
    first = workspace.sockets.connections[0]
    await workspace.sockets.refresh(reason)
    results = await asyncio.gather(*(workspace.deliver(EVENT) for _ in range(5)))
    await workspace.until(lambda: workspace.sockets.connections and first not in workspace.sockets.connections)
    assert all(results)
    assert await workspace.until(lambda: len({event_id for event_id, _, _ in received}) == 5)


async def test_two_connections(workspace: Workspace, server: Server, connect: Connect, client: AsyncWebClient) -> None:
    """Each event goes to one of two connections, and both get some."""
    got: list[list[str]] = [[], []]

    def listening(mine: list[str]) -> AsyncApp:
        app = AsyncApp(client=client)

        @app.event("app_home_opened")
        async def note(body: dict[str, Any]) -> None:
            mine.append(body["event_id"])
            workspace.changes.notify()

        return app

    await connect(listening(got[0]))
    await connect(listening(got[1]))
    await asyncio.gather(*(workspace.deliver(EVENT) for _ in range(6)))
    await workspace.until(lambda: len(got[0]) + len(got[1]) == 6)
    assert got[0]
    assert got[1]
    assert len(set(got[0] + got[1])) == 6


async def test_ticket(workspace: Workspace, client: AsyncWebClient, server: Server) -> None:
    """A WebSocket URL is valid for one connection."""
    url = (await client.apps_connections_open(app_token=workspace.app_token))["url"].replace("ws:", "http:")
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(url)
        assert (await socket.receive_json())["type"] == "hello"
        assert (await session.get(url)).status == 401
        await socket.close()


async def test_sync_bolt(workspace: Workspace, server: Server, ana: str, general: str) -> None:
    """The synchronous App works, and its connection survives several pings."""
    app = App(client=WebClient(workspace.bot_token, base_url=server.api_url), token_verification_enabled=False)

    @app.event("app_mention")
    def reply(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 - Bolt's Say
        say(text="hello", thread_ts=event["ts"])

    handler = SocketModeHandler(app, workspace.app_token, ping_interval=0.2)
    thread = threading.Thread(target=handler.connect)
    thread.start()
    await workspace.until(lambda: workspace.sockets.ready)
    connection = workspace.sockets.connections[0]
    await asyncio.sleep(1)  # five ping intervals: it would be stale after four without a pong
    ts = await workspace.post(ana, general, f"<@{workspace.bot_user_id}> hi")
    replies = await workspace.until(lambda: workspace.replies(general, ts))
    assert replies[0].text == "hello"
    assert workspace.sockets.connections == [connection]
    await asyncio.to_thread(handler.close)
    await asyncio.to_thread(thread.join)


async def test_abort_during_ping(workspace: Workspace, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """No error is logged if a connection is aborted while pings are answered."""
    client = AsyncWebClient(workspace.app_token, base_url=server.api_url)
    for turns in range(40):
        url = str((await client.apps_connections_open(app_token=workspace.app_token))["url"])
        async with aiohttp.ClientSession() as session, session.ws_connect(url, autoping=False) as socket:
            await socket.receive()
            await asyncio.gather(*(socket.ping() for _ in range(3)))
            for _ in range(turns % 8):
                await asyncio.sleep(0)
            await workspace.sockets.drop()
    await workspace.until(lambda: not workspace.sockets.connections)
    assert "Traceback" not in caplog.text
