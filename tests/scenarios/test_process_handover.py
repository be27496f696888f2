"""Every request is answered once when processes start, stop or crash, and when the outcome of a call is unknown."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql
from slack_sdk.web.async_client import AsyncWebClient

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.recovery.supervisor import ProcessSupervisor
from bot.store import claims
from bot.store.database import IN_MEMORY, open_database
from bot.store.schema import processes as rows
from slack_emulator import ApiFault, EventFault
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot
from tests.support.processes import poll
from tests.support.workspaces import FakeWorkspaces

pytestmark = pytest.mark.slow


@pytest.fixture
async def shared(engine: Engine, tmp_path: Path) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        yield bot


async def wait_for_open_claim(bot: RunningBot) -> None:
    """Wait until the database has a claim that is not complete."""
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        await poll(lambda: database.run_sync(claims.count_open) > 0)


async def test_process_stops_during_a_request(shared: RunningBot, engine: Engine) -> None:
    """A process that is stopped finishes the requests that it has claimed; another one does not repeat them."""
    timing = replace(FAST_TIMING, heartbeat=0.05)
    async with AsyncExitStack() as stack:
        stopping = await stack.enter_async_context(AsyncExitStack())
        await stopping.enter_async_context(app.connected(shared.settings, engine, timing))
        shared.workspace.faults.add(ApiFault("chat.postMessage", wait=1, times=2))
        for text in ("I love this", "I hate this"):  # Slack sends one to each bot
            await shared.workspace.post(shared.ana, shared.dm, text)
        await wait_for_open_claim(shared)
        await stopping.aclose()
        await shared.wait_for_answer(shared.ana, shared.dm, 2)
        await shared.assert_answer_count(2, shared.ana, shared.dm)


async def test_catch_up_command_beside_a_running_bot(shared: RunningBot, engine: Engine) -> None:
    """A request that the command `catchup` is answering is not answered by the running bot as well."""
    event = {"type": "message", "channel": shared.dm, "channel_type": "im", "user": shared.ana, "text": "I love this"}
    shared.workspace.faults.add(EventFault(lost=True))
    ts = await shared.workspace.post(shared.ana, shared.dm, "I love this")
    shared.workspace.faults.add(ApiFault("chat.postMessage", wait=1))
    catch_up = asyncio.create_task(app.caught_up(shared.settings, engine, 24, FAST_TIMING))
    await wait_for_open_claim(shared)
    assert await shared.workspace.deliver({**event, "ts": ts})
    await catch_up
    await shared.assert_answer_count(1, shared.ana, shared.dm)


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 503}, {"error": "internal_error"}])
@pytest.mark.parametrize("applied", [True, False])
async def test_post_with_unknown_outcome(bot: RunningBot, fault: dict[str, Any], applied: bool) -> None:
    """A post whose outcome is unknown is repeated only if it was not applied."""
    for channel, text in ((bot.dm, "I love this"), (bot.general, f"{bot.mention} I love this")):
        bot.workspace.faults.add(ApiFault("chat.postMessage", applied=applied, **fault))
        await bot.workspace.post(bot.ana, channel, text)
        await bot.wait_for_answer(bot.ana, channel)
    await bot.assert_answer_count(1, bot.ana, bot.dm)
    await bot.assert_answer_count(1, bot.ana, bot.general)


async def test_permanent_refusal(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal that is permanent is not retried, and is logged once."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action", times=3))
    for _ in range(3):
        await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} I love this")
    await bot.workspace.until(lambda: [one.name for one in bot.workspace.log].count("chat.postMessage") == 3)
    await bot.assert_answer_count(0, bot.ana, bot.general)
    assert caplog.text.count("restricted_action") == 1


async def test_crash_without_a_connection(engine: Engine) -> None:
    """A process without a connection records since when it has been disconnected, for the one that takes over."""
    settings = Settings(slack_bot_token="xoxb-1-2-3")
    with open_database(IN_MEMORY) as database:
        assembled = app.build(settings, engine, database, AsyncWebClient(), FAST_TIMING)
        claims = assembled.services.claims

        supervisor = ProcessSupervisor(database, claims, assembled.catch_up, FakeWorkspaces(), 24, FAST_TIMING)
        task = asyncio.create_task(supervisor.run(lambda: 900.0))
        row = sql.select(rows.c.missed_since).where(rows.c.id == claims.process)
        missed_since = None
        async with asyncio.timeout(10):
            while missed_since is None:
                await asyncio.sleep(0.02)
                missed_since = await database.run(lambda connection: connection.scalar(row))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert missed_since <= time.time() - 900
