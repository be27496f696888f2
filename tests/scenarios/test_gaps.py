"""Between two processes, between claiming and posting, between asking Slack and its answer, nothing falls through."""

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
from bot.slack.client.slack_client import SlackClient
from bot.slack.recovery.supervisor import ProcessSupervisor
from bot.store import claims
from bot.store.database import IN_MEMORY, open_database
from bot.store.schema import processes as rows
from slack_emulator import ApiFault, EventFault
from tests.support.stage import HASTY, Stage, staged


@pytest.fixture
async def kept(engine: Engine, tmp_path: Path) -> AsyncIterator[Stage]:
    """Start a workspace with the bot in it and a database that others may use too."""
    async with staged(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as stage:
        yield stage


async def claimed(stage: Stage) -> None:
    """Wait until the bot has claimed something that it has not done."""
    with open_database(stage.settings.database_url.get_secret_value()) as database:
        async with asyncio.timeout(10):
            while not await database.run(claims.count_open):  # noqa: ASYNC110 - the database rings no bell
                await asyncio.sleep(0.02)


async def test_one_stops_while_another_goes_on(kept: Stage, engine: Engine) -> None:
    """What a bot still has in hand when it is told to stop is its own until it has finished."""
    timing = replace(HASTY, heartbeat=0.05)
    async with AsyncExitStack() as stack:
        stopping = await stack.enter_async_context(AsyncExitStack())
        await stopping.enter_async_context(app.connected(kept.settings, engine, timing))
        kept.workspace.faults.add(ApiFault("chat.postMessage", wait=1, times=2))
        for text in ("I love this", "I hate this"):  # Slack tells each bot of one
            await kept.workspace.post(kept.ana, kept.dm, text)
        await claimed(kept)
        await stopping.aclose()
        await kept.answer(kept.ana, kept.dm, 2)
        await kept.settled(2, kept.ana, kept.dm)


async def test_asked_to_catch_up_beside_a_running_bot(kept: Stage, engine: Engine) -> None:
    """What `catchup` is about to answer the running bot does not answer too."""
    with open_database(kept.settings.database_url.get_secret_value()) as database:
        event = {"type": "message", "channel": kept.dm, "channel_type": "im", "user": kept.ana, "text": "I love this"}
        kept.workspace.faults.add(EventFault(lost=True))
        ts = await kept.workspace.post(kept.ana, kept.dm, "I love this")
        kept.workspace.faults.add(ApiFault("chat.postMessage", wait=1))
        asked = asyncio.create_task(app.caught_up(kept.settings, engine, 24, HASTY))
        async with asyncio.timeout(10):
            while not await database.run(claims.count_open):  # noqa: ASYNC110 - the database rings no bell
                await asyncio.sleep(0.02)
        assert await kept.workspace.deliver({**event, "ts": ts})
        await asked
    await kept.settled(1, kept.ana, kept.dm)


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 503}, {"error": "internal_error"}])
@pytest.mark.parametrize("applied", [True, False])
async def test_a_post_of_unknown_fate(stage: Stage, fault: dict[str, Any], applied: bool) -> None:
    """A post whose answer got lost or that failed in Slack is there once: repeated if it is not there, else not."""
    for channel, text in ((stage.dm, "I love this"), (stage.general, f"{stage.mention} I love this")):
        stage.workspace.faults.add(ApiFault("chat.postMessage", applied=applied, **fault))
        await stage.workspace.post(stage.ana, channel, text)
        await stage.answer(stage.ana, channel)
    await stage.settled(1, stage.ana, stage.dm)
    await stage.settled(1, stage.ana, stage.general)


async def test_what_slack_refuses_for_good(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal that will not pass is told once in the log however often it comes, and not tried again."""
    stage.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action", times=3))
    for _ in range(3):
        await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} I love this")
    await stage.workspace.until(lambda: [one.name for one in stage.workspace.log].count("chat.postMessage") == 3)
    await stage.settled(0, stage.ana, stage.general)
    assert caplog.text.count("restricted_action") == 1


async def test_killed_while_there_was_no_connection(engine: Engine) -> None:
    """A bot that has lost its connection leaves behind since when, not when it was killed."""
    settings = Settings(slack_bot_token="xoxb-1-2-3")
    with open_database(IN_MEMORY) as database:
        bot = app.build(settings, engine, database, AsyncWebClient(), HASTY)
        claims = bot.services.claims

        async def nowhere() -> AsyncIterator[SlackClient]:
            return
            yield

        supervisor = ProcessSupervisor(database, claims, bot.catch_up, nowhere, 24, HASTY)
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
