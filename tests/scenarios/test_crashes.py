"""Bots that are killed while they answer, and several at a time: nothing is lost or done twice."""

from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from slack_emulator import ApiFault, serve
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot
from tests.support.processes import bot_process, poll
from tests.support.shared_workspace import SharedWorkspace, bot_messages, expire_leases

pytestmark = pytest.mark.slow


@asynccontextmanager
async def killable_bot(bot: RunningBot) -> AsyncIterator[Process]:
    """Run a bot in a process of its own inside the block."""
    settings = bot.settings
    environment = {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "FEATURES": "watching",
    }
    async with bot_process("run", **environment) as process:
        await bot.workspace.until(lambda: bot.workspace.sockets.ready, timeout=60)
        yield process


@pytest.mark.parametrize("applied", [True, False])
async def test_crash_while_posting(engine: Engine, tmp_path: Path, applied: bool) -> None:
    """If a bot crashes before it knows whether its answer was posted, the next one posts it only if it was not."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, general = workspace.user_id("ana"), workspace.channel_id("general")
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        workspace.faults.add(ApiFault("chat.postMessage", applied=applied, wait=60 * (not applied), status=500))
        async with killable_bot(bot) as process:
            mention = await workspace.post(ana, general, f"{bot.mention} I love this")
            await poll(lambda: not workspace.faults.api)
            process.kill()
            await process.wait()
        posted = len(workspace.replies(general, mention))
        assert posted == applied
        workspace.faults.clear()
        expire_leases(shared)
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.until(lambda: [call for call in workspace.log if call.name == "conversations.replies"], 60)
            await workspace.until(lambda: workspace.replies(general, mention), timeout=60)
            await bot.assert_answer_count(0, ana, workspace.dm_id("ana"))
    assert len(workspace.replies(general, mention)) == 1


async def test_crash_during_a_private_answer(engine: Engine, tmp_path: Path) -> None:
    """If a bot crashes while it sends a private answer, the next one does not repeat it: Slack does not show it."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, general = workspace.user_id("ana"), workspace.channel_id("general")
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        workspace.faults.add(ApiFault("chat.postEphemeral", wait=60))
        async with killable_bot(bot) as process:
            ts = await workspace.post(ana, general, "I love this")
            await workspace.react(ana, general, ts, "thermometer")
            await poll(lambda: not workspace.faults.api)
            process.kill()
            await process.wait()
        expire_leases(shared)
        _, handled = await app.caught_up(bot.settings, engine, 24, FAST_TIMING)
    assert handled == 1
    assert bot.answers(ana, general) == []


async def test_two_processes(engine: Engine, tmp_path: Path) -> None:
    """Two processes that receive the same events answer each once."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, general, dm = workspace.user_id("ana"), workspace.channel_id("general"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        async with app.connected(bot.settings, engine, FAST_TIMING), app.connected(bot.settings, engine, FAST_TIMING):
            for number in range(20):
                ts = await workspace.post(ana, dm, f"I love this {number}")
                post = {"type": "message", "channel": dm, "channel_type": "im", "user": ana, "ts": ts}
                await workspace.deliver({**post, "text": f"I love this {number}"})
            mention = await workspace.post(ana, general, f"{bot.mention} I love this")
            await workspace.until(lambda: workspace.replies(general, mention), timeout=30)
            await workspace.until(lambda: len(bot_messages(workspace, dm)) >= 20, timeout=30)
            await bot.assert_answer_count(20, ana, dm)
    assert len(workspace.replies(general, mention)) == 1
