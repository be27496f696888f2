"""A connection to Slack that goes away or falls silent is replaced, and nothing is lost or said twice meanwhile."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.transport import socket_mode
from slack_emulator import ApiFault, Workspace
from tests.support.stage import staged


class Wire:
    """A network between the bot and Slack that can stop carrying anything, without a word."""

    def __init__(self) -> None:
        self.carries = asyncio.Event()
        self.carries.set()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry what comes, while the wire carries."""
        try:
            while data := await reader.read(65536):
                await self.carries.wait()
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def wired(workspace: Workspace) -> AsyncIterator[Wire]:
    """Let the workspace give out WebSocket addresses that lead through a wire."""
    wire, address = Wire(), urlsplit(workspace.url)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(address.hostname, address.port)
        await asyncio.gather(wire.pump(reader, far_writer), wire.pump(far_reader, writer))

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    workspace.state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Shorten what the bot waits for, and keep what it logs."""
    monkeypatch.setattr(socket_mode, "PING_SECONDS", 0.4)
    monkeypatch.setattr(socket_mode, "_TRY_SECONDS", 0.5)
    monkeypatch.setattr(socket_mode, "_PAUSE", 0.1)
    caplog.set_level(logging.INFO, "bot")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says of the connection."""
    return [record.getMessage() for record in caplog.records if record.name == socket_mode.__name__]


async def logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until the log has ``words``."""
    async with asyncio.timeout(10):
        while words not in caplog.text:  # noqa: ASYNC110 - the log rings no bell
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("quick")
async def test_silence_is_noticed(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A connection over which nothing comes any more is replaced within a bound, with one line for each end of it."""
    async with staged(engine) as stage, wired(stage.workspace) as wire:
        await stage.workspace.sockets.refresh("warning")  # so that the bot connects through the wire
        await stage.workspace.until(lambda: len(stage.workspace.sockets.connections) == 2)
        for connection in stage.workspace.sockets.connections[:1]:
            await connection.socket.close()
        await stage.workspace.until(lambda: len(stage.workspace.sockets.connections) == 1)
        silent = stage.workspace.sockets.connections[0]
        wire.carries.clear()
        await logged(caplog, "is lost")
        wire.carries.set()
        await logged(caplog, "again after")
        await stage.workspace.until(lambda: silent not in stage.workspace.sockets.connections)
        await stage.workspace.post(stage.ana, stage.dm, "I love this")
        assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")
    lost, *tries, back = said(caplog)
    assert "is lost" in lost
    assert len(tries) <= 1
    assert "again after" in back


@pytest.mark.usefixtures("quick")
async def test_slack_is_away_for_a_while(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """However often connecting fails, and with whatever answer, the log has a line for each reason, and it succeeds."""
    async with staged(engine) as stage:
        stage.workspace.faults.add(ApiFault("apps.connections.open", error="internal_error", times=3))
        stage.workspace.faults.add(ApiFault("apps.connections.open", drop=True, times=2))
        stage.workspace.faults.add(ApiFault("apps.connections.open", status=503, times=1))
        await stage.workspace.sockets.drop()
        await logged(caplog, "again after")
        await stage.workspace.post(stage.ana, stage.dm, "I love this")
        await stage.answer(stage.ana, stage.dm)
    assert len(said(caplog)) == 5
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("quick")
async def test_an_address_that_leads_nowhere(engine: Engine) -> None:
    """An address that fails is not tried again: the bot asks for another."""
    async with staged(engine) as stage:
        workspace, good = stage.workspace, stage.workspace.url
        workspace.state.url = "http://127.0.0.1:9"
        await workspace.sockets.drop()
        opened = len([exchange for exchange in workspace.log if exchange.name == "apps.connections.open"])
        await workspace.until(
            lambda: len([one for one in workspace.log if one.name == "apps.connections.open"]) > opened, timeout=10
        )
        workspace.state.url = good
        await workspace.until(lambda: workspace.sockets.connections)
        await workspace.post(stage.ana, stage.dm, "I love this")
        await stage.answer(stage.ana, stage.dm)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_new_connection_stands_before_the_old_one_goes(engine: Engine, reason: str) -> None:
    """While Slack has a connection replaced there is always one, and what still comes over the old one is answered."""
    async with staged(engine) as stage:
        connections = stage.workspace.sockets.connections
        (old,) = connections
        stage.workspace.faults.add(ApiFault("apps.connections.open", wait=0.3))
        await stage.workspace.sockets.refresh(reason)
        for i in range(20):
            await stage.workspace.post(stage.ana, stage.dm, f"I love this, {i} times")
            assert connections
            await asyncio.sleep(0.03)
        await stage.answer(stage.ana, stage.dm, 20)
        await stage.workspace.until(lambda: len(connections) == 2)
        connections.reverse()  # the old one is asked first again
        for connection in connections:
            connection.draining = connection is not old
        await stage.workspace.post(stage.ana, stage.dm, "I hate this")
        assert (await stage.answer(stage.ana, stage.dm, 21)).text.startswith("NEGATIVE")
        await old.socket.close()
        await stage.workspace.until(lambda: old not in connections)
        for connection in connections:
            connection.draining = False
        await stage.settled(21, stage.ana, stage.dm)


async def test_two_connections_answer_once(engine: Engine) -> None:
    """An event that comes over both connections, while one replaces the other, is answered once."""
    async with staged(engine) as stage:
        await stage.workspace.sockets.refresh("warning")
        await stage.workspace.until(lambda: len(stage.workspace.sockets.connections) == 2)
        ts = await stage.workspace.post(stage.ana, stage.general, "plain")
        event = {"type": "app_mention", "user": stage.ana, "channel": stage.general, "ts": ts}
        for _ in range(4):  # the stand-in takes its connections in turn
            assert await stage.workspace.deliver({**event, "text": f"{stage.mention} I love this"})
        await stage.answer(stage.ana, stage.general)
        await stage.settled(1, stage.ana, stage.general)
