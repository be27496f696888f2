"""A dry run, which judges what people write and changes nothing."""

import logging
import sqlite3
from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES
from bot.slack.client.dry_run import READING
from slack_emulator import Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, FAST_TIMING, RunningBot, bot_settings
from tests.support.manifests import manifest
from tests.support.modals import wait_for_modal
from tests.support.processes import poll
from tests.support.watching import bot_reactions, watch


def rows(file: Path) -> list[str]:
    """Return all rows of a SQLite database, as SQL."""
    with sqlite3.connect(file) as connection:
        return list(connection.iterdump())


def labels(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what a dry run has logged about texts."""
    lines = [record.getMessage() for record in caplog.records]
    return [line for line in lines if line.startswith("dry run: ") and "is not called" not in line]


async def test_dry_run(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Requests of each kind are judged and logged by their ids; the real bot answers them afterwards."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        settings = bot_settings(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db")
        bot = RunningBot(workspace, settings)
        async with app.connected(settings, engine, FAST_TIMING):
            await watch(bot)
            await bot.command_in_dm(bot.chloe, "optout")
            old = await bot.run_command("I love this", user=bot.ben)
            await workspace.shortcut(bot.ana, "check_draft")
            await wait_for_modal(bot, bot.ana, "Your draft")
        home = workspace.home(bot.ana)
        before, seen = rows(tmp_path / "bot.db"), len(workspace.log)
        messages = {user: len(workspace.seen_by(user, bot.general)) for user in (bot.ana, bot.ben)}

        with caplog.at_level(logging.INFO, "bot.slack"):
            async with app.connected(settings, engine, FAST_TIMING, dry_run=True):
                watched = await workspace.post(bot.ben, bot.general, "I hate this so much")
                await poll(lambda: len(labels(caplog)) == 1)
                opted_out = await workspace.post(bot.chloe, bot.general, "I hate this so much, too")
                mention = await workspace.post(bot.ana, bot.general, f"{bot.mention} I love this team")
                await poll(lambda: len(labels(caplog)) == 2)
                await workspace.post(bot.ana, bot.dm, "I love this wonderful team")
                await poll(lambda: len(labels(caplog)) == 3)
                await workspace.react(bot.ana, bot.general, watched, "thermometer")
                await poll(lambda: len(labels(caplog)) == 4)
                await workspace.command(bot.ana, bot.general, "/sentiment", "I love this")
                await poll(lambda: len(labels(caplog)) == 5)
                await workspace.shortcut(bot.ana, "analyze_message", channel=bot.general, ts=watched)
                await poll(lambda: len(labels(caplog)) == 6)
                await workspace.press(bot.ben, old, "show_tokens")
                await poll(lambda: len(labels(caplog)) == 7)
                await workspace.submit(bot.ana, {"draft": "I love this"})
                await poll(lambda: len(labels(caplog)) == 8)
                await workspace.open_home(bot.ana)
                await poll(lambda: "views.publish is not called" in caplog.text)
                await bot.wait_until_processed()

        during = workspace.log[seen:]
        assert {entry.name for entry in during if entry.kind == "api"} <= READING
        assert not [entry for entry in during if entry.kind == "response_url"]
        assert not [entry for entry in during if entry.kind == "ack" and entry.answer]
        assert (workspace.modal(bot.ana), workspace.home(bot.ana)) == (None, home)
        assert {user: len(workspace.seen_by(user, bot.general)) for user in messages} == {
            bot.ana: messages[bot.ana] + 3,  # those that people have posted
            bot.ben: messages[bot.ben] + 3,
        }
        assert not bot_reactions(bot, watched)
        assert rows(tmp_path / "bot.db") == before
        assert not [line for line in labels(caplog) if f"ts={opted_out}" in line]
        assert len(labels(caplog)) == 8
        first, second, *_ = labels(caplog)
        assert first.startswith("dry run: NEGATIVE 9")
        assert first.endswith(f" (channel={bot.general} ts={watched})")
        assert second.startswith("dry run: POSITIVE 9")
        assert second.endswith(f" (channel={bot.general} ts={mention})")

        async with app.connected(settings, engine, FAST_TIMING):
            await workspace.until(lambda: bot_reactions(bot, watched), timeout=30)
            await bot.wait_for_answer(bot.ana, bot.dm)


@pytest.mark.parametrize("exists", [False, True])
async def test_without_a_database(engine: Engine, tmp_path: Path, exists: bool) -> None:
    """A dry run needs no database, creates none, and does not mind an empty one."""
    if exists:
        (tmp_path / "bot.db").touch()
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        settings = bot_settings(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db")
        async with app.connected(settings, engine, FAST_TIMING, dry_run=True):
            pass
    assert {file.name for file in tmp_path.iterdir()} == ({"bot.db"} if exists else set())  # noqa: ASYNC240 - a test
