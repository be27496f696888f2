"""The Socket Mode connection: it is replaced when it is lost or silent, and each event is answered once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.transport import socket_mode
from slack_emulator import ApiFault, Workspace
from tests.support.bot_in_emulator import FAST_TIMING, run_bot
from tests.support.processes import poll

TIMING = replace(FAST_TIMING, ping=0.4, connect=0.5, reconnect=0.1)


class Proxy:
    """A TCP proxy between the bot and Slack that can stop forwarding without closing connections."""

    def __init__(self) -> None:
        self.forwarding = asyncio.Event()
        self.forwarding.set()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward data while ``forwarding`` is set."""
        try:
            while data := await reader.read(65536):
                await self.forwarding.wait()
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


def count_requests(workspace: Workspace) -> int:
    """Return how many addresses the bot has requested."""
    return [call.name for call in workspace.log].count("apps.connections.open")


@asynccontextmanager
async def run_proxy(workspace: Workspace) -> AsyncIterator[Proxy]:
    """Make the workspace return WebSocket addresses of a proxy."""
    proxy, address = Proxy(), urlsplit(workspace.url)

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        slack_reader, slack_writer = await asyncio.open_connection(address.hostname, address.port)
        await asyncio.gather(proxy.forward(reader, slack_writer), proxy.forward(slack_reader, writer))

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0)
    workspace.state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()


def connection_log(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log messages about the connection."""
    return [record.getMessage() for record in caplog.records if record.name == socket_mode.__name__]


async def test_silent_connection(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A connection on which pings are not answered is replaced; the log has its loss and the reconnection."""
    caplog.set_level(logging.INFO, "bot")
    async with run_bot(engine, timing=TIMING) as bot, run_proxy(bot.workspace) as proxy:
        await bot.workspace.sockets.refresh("warning")  # so that the bot connects through the proxy
        await bot.workspace.until(lambda: len(bot.workspace.sockets.connections) == 2)
        for connection in bot.workspace.sockets.connections[:1]:
            await connection.socket.close()
        await bot.workspace.until(lambda: len(bot.workspace.sockets.connections) == 1)
        silent = bot.workspace.sockets.connections[0]
        proxy.forwarding.clear()
        await poll(lambda: "is lost" in caplog.text)
        proxy.forwarding.set()
        await poll(lambda: "Reconnected" in caplog.text)
        await bot.workspace.until(lambda: silent not in bot.workspace.sockets.connections)
        await bot.workspace.post(bot.ana, bot.dm, "I love this")
        assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")
    lost, *attempts, reconnected = connection_log(caplog)
    assert "is lost" in lost
    assert len(attempts) <= 1
    assert "Reconnected" in reconnected


async def test_failed_attempts(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """Connecting is tried until it succeeds; the log has a line for each reason of a failure."""
    caplog.set_level(logging.INFO, "bot")
    async with run_bot(engine, timing=TIMING) as bot:
        bot.workspace.faults.add(ApiFault("apps.connections.open", error="internal_error", times=3))
        bot.workspace.faults.add(ApiFault("apps.connections.open", drop=True, times=2))
        bot.workspace.faults.add(ApiFault("apps.connections.open", status=503, times=1))
        await bot.workspace.sockets.drop()
        await poll(lambda: "Reconnected" in caplog.text)
        await bot.workspace.post(bot.ana, bot.dm, "I love this")
        await bot.wait_for_answer(bot.ana, bot.dm)
    assert len(connection_log(caplog)) == 5
    assert "Traceback" not in caplog.text


async def test_unreachable_address(engine: Engine) -> None:
    """After a failed attempt the bot requests another address."""
    async with run_bot(engine, timing=TIMING) as bot:
        workspace, good = bot.workspace, bot.workspace.url
        workspace.state.url = "http://127.0.0.1:9"
        await workspace.sockets.drop()
        requests = count_requests(workspace)
        await workspace.until(lambda: count_requests(workspace) > requests, timeout=10)
        workspace.state.url = good
        await workspace.until(lambda: workspace.sockets.connections)
        await workspace.post(bot.ana, bot.dm, "I love this")
        await bot.wait_for_answer(bot.ana, bot.dm)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_replacement(engine: Engine, reason: str) -> None:
    """A connection is replaced before it is closed, and events on the old one are still answered."""
    async with run_bot(engine, timing=TIMING) as bot:
        connections = bot.workspace.sockets.connections
        (old,) = connections
        bot.workspace.faults.add(ApiFault("apps.connections.open", wait=0.3))
        await bot.workspace.sockets.refresh(reason)
        for i in range(20):
            await bot.workspace.post(bot.ana, bot.dm, f"I love this, {i} times")
            assert connections
            await asyncio.sleep(0.03)
        await bot.wait_for_answer(bot.ana, bot.dm, 20)
        await bot.workspace.until(lambda: len(connections) == 2)
        connections.reverse()  # the emulator uses the first one
        for connection in connections:
            connection.draining = connection is not old
        await bot.workspace.post(bot.ana, bot.dm, "I hate this")
        assert (await bot.wait_for_answer(bot.ana, bot.dm, 21)).text.startswith("Negative")
        await old.socket.close()
        await bot.workspace.until(lambda: old not in connections)
        for connection in connections:
            connection.draining = False
        await bot.assert_answer_count(21, bot.ana, bot.dm)


async def test_event_on_both_connections(engine: Engine) -> None:
    """An event that arrives on both connections, while one replaces the other, is answered once."""
    async with run_bot(engine) as bot:
        await bot.workspace.sockets.refresh("warning")
        await bot.workspace.until(lambda: len(bot.workspace.sockets.connections) == 2)
        ts = await bot.workspace.post(bot.ana, bot.general, "plain")
        event = {"type": "app_mention", "user": bot.ana, "channel": bot.general, "ts": ts}
        for _ in range(4):  # the emulator uses its connections in turn
            assert await bot.workspace.deliver({**event, "text": f"{bot.mention} I love this"})
        await bot.wait_for_answer(bot.ana, bot.general)
        await bot.assert_answer_count(1, bot.ana, bot.general)
