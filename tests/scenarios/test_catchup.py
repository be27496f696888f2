"""After an absence the bot does what it missed, once each, in order, and says that it is late."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sql

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.parsing.request import COMMAND
from bot.store.database import open_database
from bot.store.schema import processes
from slack_emulator import ApiFault, Message, Workspace, serve
from tests.support.manifests import manifest
from tests.support.processes import bot_process
from tests.support.stage import HASTY, QUICK, Stage, staged, text_in

LATE = "this answer is late"


class Outage:
    """A workspace that goes on while bots come and go on one database."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.workspace = Workspace(manifest(features=FEATURES), schedule=QUICK)
        self.database_url = f"sqlite:///{folder}/bot.db"

    def settings(self, api_url: str) -> Settings:
        """Return what a bot here is given."""
        return Settings(
            slack_bot_token=self.workspace.bot_token,
            slack_app_token=self.workspace.app_token,
            slack_api_url=api_url,
            features=frozenset(FEATURES),
            database_url=self.database_url,
        )


def bot_said(workspace: Workspace, channel: str) -> list[Message]:
    """Return what the bot said in a channel, to whomever."""
    bot = workspace.bot_user_id
    return [m for m in workspace.state.channels[channel].messages.values() if m.user == bot]


async def test_an_outage(engine: Engine, tmp_path: Path) -> None:
    """Direct messages, mentions, watched messages and replies, and trigger emojis of an outage are all dealt with."""
    outage = Outage(engine, tmp_path)
    workspace = outage.workspace
    ana, ben, general = workspace.user_id("ana"), workspace.user_id("ben"), workspace.channel_id("general")
    random, dm = workspace.channel_id("random"), workspace.dm_id("ana")
    workspace.state.clock = lambda: time.time() - 3 * 3600  # it is three hours ago
    async with serve(workspace) as server:
        stage = Stage(workspace, outage.settings(server.api_url))
        async with app.connected(stage.settings, engine, HASTY):
            await workspace.command(ana, general, COMMAND, "watch")
            await stage.answer(ana, general, 2)
            old = await workspace.post(ben, general, "What a lovely day")
            await workspace.until(lambda: workspace.message(general, old).reactions)
            await workspace.post(ana, dm, "I love this")
            await stage.answer(ana, dm)
        before = len(bot_said(workspace, general))
        missed = [await workspace.post(ana, dm, text) for text in ("I hate this", "I love that")]
        mention = await workspace.post(ben, general, f"{stage.mention} this is awful")
        watched = await workspace.post(ben, general, "I love this release")
        reply = await workspace.post(ana, general, "What a disaster", thread_ts=old)
        asked = await workspace.post(ben, random, "This is a disaster")
        await workspace.react(ana, random, asked, "thermometer")
        workspace.state.clock = time.time
        async with app.connected(stage.settings, engine, HASTY):
            await workspace.until(lambda: len(bot_said(workspace, dm)) == 3, timeout=60)
            await workspace.until(lambda: workspace.replies(general, mention), timeout=60)
            await workspace.until(lambda: workspace.message(general, watched).reactions, timeout=60)
            await workspace.until(lambda: workspace.message(general, reply).reactions, timeout=60)
            await workspace.until(lambda: bot_said(workspace, random), timeout=60)
            await stage.settled(3, ana, dm)
    assert [said.text.split()[0] for said in bot_said(workspace, dm)[1:]] == ["NEGATIVE", "POSITIVE"]
    answered = [(m.metadata or {})["event_payload"]["ts"] for m in bot_said(workspace, dm)[1:]]
    assert answered == missed
    late = [*bot_said(workspace, dm)[1:], *workspace.replies(general, mention), *bot_said(workspace, random)]
    assert all(LATE in text_in(said) for said in late)
    assert len(bot_said(workspace, general)) == before + 1
    assert len(bot_said(workspace, random)) == 1
    assert [*workspace.message(general, old).reactions.values()] == [[workspace.bot_user_id]]


async def test_nothing_is_done_twice(engine: Engine, tmp_path: Path) -> None:
    """A bot that comes back answers nothing again that was answered, also when it looks at all of the day."""
    outage = Outage(engine, tmp_path)
    workspace = outage.workspace
    ana, general, dm = workspace.user_id("ana"), workspace.channel_id("general"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        stage = Stage(workspace, outage.settings(server.api_url))
        async with app.connected(stage.settings, engine, HASTY):
            await workspace.post(ana, dm, "I love this")
            mention = await workspace.post(ana, general, f"{stage.mention} I love this")
            await workspace.react(ana, general, mention, "thermometer")
            await workspace.until(lambda: len(bot_said(workspace, general)) == 2)
            await stage.answer(ana, dm)
        looked, done = await app.caught_up(stage.settings, engine, 24, HASTY)
        assert (looked >= 4, done) == (True, 0)
    assert len(bot_said(workspace, dm)) == 1
    assert len(bot_said(workspace, general)) == 2


@pytest.mark.parametrize("applied", [True, False])
async def test_killed_while_posting(engine: Engine, tmp_path: Path, applied: bool) -> None:
    """Where a bot was killed before it knew whether Slack took its answer, the next looks, and answers if need be."""
    outage = Outage(engine, tmp_path)
    workspace = outage.workspace
    ana, general = workspace.user_id("ana"), workspace.channel_id("general")
    async with serve(workspace) as server:
        stage = Stage(workspace, outage.settings(server.api_url))
        workspace.faults.add(ApiFault("chat.postMessage", applied=applied, wait=60 * (not applied), status=500))
        environment = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": server.api_url,
            "DATABASE_URL": outage.database_url,
            "FEATURES": "watching",
        }
        async with bot_process("run", **environment) as bot:
            await workspace.until(lambda: workspace.sockets.ready, timeout=60)
            mention = await workspace.post(ana, general, f"{stage.mention} I love this")
            async with asyncio.timeout(30):
                while workspace.faults.api:  # noqa: ASYNC110 - a fault that is met rings no bell
                    await asyncio.sleep(0.002)
            bot.kill()
            await bot.wait()
        there = len(workspace.replies(general, mention))
        assert there == applied
        workspace.faults.clear()
        with open_database(outage.database_url) as database:  # time passes, and the killed one counts as gone
            database.run_sync(lambda connection: connection.execute(sql.update(processes).values(until=0.0)))
        async with app.connected(stage.settings, engine, HASTY):
            await workspace.until(lambda: [one for one in workspace.log if one.name == "conversations.replies"], 60)
            await workspace.until(lambda: workspace.replies(general, mention), timeout=60)
            await stage.settled(0, ana, workspace.dm_id("ana"))
    assert len(workspace.replies(general, mention)) == 1


async def test_slack_away_for_a_while(engine: Engine) -> None:
    """What could not be posted, however often it was tried, is caught up with later."""
    async with staged(engine, timing=replace(HASTY, catch_up_retry=0)) as stage:
        stage.workspace.faults.add(ApiFault("chat.postMessage", status=503, times=12))
        for text in ("I love this", "I hate this"):
            await stage.workspace.post(stage.ana, stage.dm, text)
        await stage.workspace.until(lambda: len(stage.answers(stage.ana, stage.dm)) == 2, timeout=60)
        await stage.settled(2, stage.ana, stage.dm)


async def test_two_bots_on_one_database(engine: Engine, tmp_path: Path) -> None:
    """Two bots that hear of everything both answer each thing once."""
    outage = Outage(engine, tmp_path)
    workspace = outage.workspace
    ana, general, dm = workspace.user_id("ana"), workspace.channel_id("general"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        stage = Stage(workspace, outage.settings(server.api_url))
        async with app.connected(stage.settings, engine, HASTY), app.connected(stage.settings, engine, HASTY):
            for number in range(20):
                ts = await workspace.post(ana, dm, f"I love this {number}")
                post = {"type": "message", "channel": dm, "channel_type": "im", "user": ana, "ts": ts}
                await workspace.deliver({**post, "text": f"I love this {number}"})
            mention = await workspace.post(ana, general, f"{stage.mention} I love this")
            await workspace.until(lambda: workspace.replies(general, mention), timeout=30)
            await workspace.until(lambda: len(bot_said(workspace, dm)) >= 20, timeout=30)
            await stage.settled(20, ana, dm)
    assert len(workspace.replies(general, mention)) == 1
