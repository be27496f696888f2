"""While Slack, the database or the model is unavailable for a while, every event is handled once, later."""

import asyncio
import signal
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import aiohttp
import psycopg
import pytest
from aiohttp.test_utils import unused_port

from bot.errors import QueueFullError
from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES
from bot.slack.client.executor import ATTEMPTS
from bot.slack.parsing.request import COMMAND
from bot.store import claims, installations
from bot.store.channels import watches
from bot.store.database import open_database
from slack_emulator import ApiFault, Workspace, serve
from tests.support.bot_in_emulator import FAST_TIMING, run_bot, text_in
from tests.support.database_proxy import database_proxy
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with, poll
from tests.support.two_workspaces import run_bot_in_two_workspaces
from tests.support.unavailable_database import away_once, fail
from tests.support.watching import NEGATIVE_EMOJI, POSITIVE_EMOJI, wait_for_reaction, watch

pytestmark = pytest.mark.slow

TIMING = replace(FAST_TIMING, monotonic=lambda: 50 * time.monotonic())
"""Pauses pass a thousand times as fast, but what is kept for a quarter of an hour is kept for 18 seconds."""


@pytest.mark.parametrize("features", [FEATURES, ()])
async def test_channel_that_cannot_be_answered(engine: Engine, features: Collection[str]) -> None:
    """A mention and a reaction are answered once Slack accepts posts again, whatever the bot may read."""
    async with run_bot(engine, features, timing=TIMING) as bot:
        bot.workspace.faults.add(ApiFault("chat.post*", status=503, times=24))
        mention = await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} I love this")
        await bot.workspace.react(bot.ana, bot.general, mention, "thermometer")
        await bot.workspace.until(lambda: bot.workspace.replies(bot.general, mention), timeout=60)
        await bot.workspace.until(lambda: bot.answers(bot.ana, bot.general)[1:], timeout=60)
        await bot.assert_answer_count(0, bot.ana, bot.dm)
        assert len(bot.workspace.replies(bot.general, mention)) == 1


async def test_reply_in_an_old_thread(engine: Engine) -> None:
    """A mention in a reply to a message older than the history that is read is answered once Slack accepts posts."""
    async with run_bot(engine, timing=TIMING) as bot:
        bot.workspace.state.clock = lambda: time.time() - 2 * 24 * 3600
        old = await bot.workspace.post(bot.ben, bot.general, "What a lovely day")
        bot.workspace.state.clock = time.time
        bot.workspace.faults.add(ApiFault("chat.postMessage", status=503, times=ATTEMPTS))
        await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} I love this", thread_ts=old)
        await bot.workspace.until(lambda: bot.answers(bot.ben, bot.general), timeout=20)
        await bot.assert_answer_count(1, bot.ben, bot.general)


@pytest.mark.parametrize("features", [FEATURES, ()])
async def test_mention_without_a_database(
    engine: Engine, features: Collection[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mention that comes while the database is away is answered once it is back."""
    async with run_bot(engine, features, timing=TIMING) as bot:
        with monkeypatch.context() as patched:
            patched.setattr(claims, "take", fail)
            mention = await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} I love this")
            await poll(lambda: "handling an event failed: BotError: The database cannot be used" in caplog.text)
        await bot.workspace.until(lambda: bot.workspace.replies(bot.general, mention))


@pytest.mark.parametrize("function", ["find_for_message", "claim"])
async def test_watched_message_without_a_database(
    engine: Engine, function: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A message of a watched channel gets its emoji once the database is back."""
    async with run_bot(engine, timing=TIMING) as bot:
        await watch(bot)
        with monkeypatch.context() as patched:
            patched.setattr(*((claims, "take") if function == "claim" else (watches, function)), fail)
            ts = await bot.workspace.post(bot.ana, bot.general, "I love this wonderful day")
            await poll(lambda: "handling an event failed" in caplog.text)
        await wait_for_reaction(bot, ts, POSITIVE_EMOJI)


@pytest.mark.parametrize("age", [0, 2 * 24 * 3600])
async def test_edit_without_a_database(
    engine: Engine, age: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The emoji of a watched message that was edited is corrected once the database is back, however old it is."""
    async with run_bot(engine, timing=TIMING) as bot:
        bot.workspace.state.clock = lambda: time.time() - age
        await watch(bot)
        ts = await bot.workspace.post(bot.ana, bot.general, "I love this wonderful day")
        await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
        bot.workspace.state.clock = time.time
        with monkeypatch.context() as patched:
            patched.setattr(watches, "find_for_message", fail)
            await bot.workspace.edit(bot.ana, bot.general, ts, "I hate this awful day")
            await poll(lambda: "handling an event failed" in caplog.text)
        await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)


class BusyClassifier(Classifier):
    """Is too busy ``failures`` times."""

    failures = 0

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Raise an error, or classify."""
        if self.failures:
            self.failures -= 1
            raise QueueFullError("The cluster is unreachable.")
        return super().run(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("release_fails", [False, True])
async def test_watched_message_without_a_model(
    classifier: Classifier, release_fails: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A watched message and its edit get their emoji once the model is back, even if the database was away too."""
    model = BusyClassifier(classifier.model, classifier.tokenizer, "busy")
    engine = Engine(model, cache_size=0)
    async with run_bot(engine, timing=TIMING) as bot:
        await watch(bot)
        model.failures = 2
        with monkeypatch.context() as patched:
            if release_fails:
                patched.setattr(claims, "release", away_once(claims.release))
            ts = await bot.workspace.post(bot.ana, bot.general, "I love this wonderful day")
            await poll(lambda: "handling an event failed: QueueFullError" in caplog.text)
            await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
        model.failures = 2
        await bot.workspace.edit(bot.ana, bot.general, ts, "I hate this awful day")
        await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)
    engine.close()


async def test_token_that_cannot_be_read(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With many workspaces, an event is handled later if the token of its workspace cannot be read; a user is told."""
    url = f"sqlite:///{tmp_path}/bot.db"
    async with run_bot_in_two_workspaces(engine, url, (), timing=TIMING) as both:
        one = both.one
        with monkeypatch.context() as patched:
            patched.setattr(installations, "find", fail)
            await one.workspace.post(one.ana, one.dm, "I love this")
            mention = await one.workspace.post(one.ana, one.general, f"{one.mention} I love this")
            await one.workspace.command(one.ben, one.general, COMMAND, "I love this")
            await poll(lambda: caplog.text.count("handling an event failed") >= 3)
            assert "went wrong" in (await one.wait_for_answer(one.ben, one.general)).text
        await one.wait_for_answer(one.ana, one.dm)
        await one.workspace.until(lambda: one.workspace.replies(one.general, mention))


async def test_watch_status_after_one_odd_answer(engine: Engine) -> None:
    """One answer that the bot is not a member of a channel does not end watching."""
    async with run_bot(engine) as bot:
        await watch(bot)
        bot.workspace.faults.add(ApiFault("conversations.info", error="channel_not_found"))
        await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch status")
        await bot.wait_for_answer(bot.ana, bot.general, 3)
        await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch status")
        assert "I watch this channel" in text_in(await bot.wait_for_answer(bot.ana, bot.general, 4))


async def test_event_of_the_bot_itself_in_catch_up(engine: Engine) -> None:
    """Catch-up does not wait for events that have no listener, such as the bot's own reactions."""
    async with run_bot(engine, timing=TIMING) as bot:
        await watch(bot)
        bot.workspace.faults.add(ApiFault("chat.postMessage", status=503, times=5))
        ts = await bot.workspace.post(bot.ana, bot.general, "I love this wonderful day")
        await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
        await bot.workspace.react(bot.workspace.bot_user_id, bot.general, ts, "thermometer")
        await bot.workspace.post(bot.ana, bot.dm, "I love this")
        async with asyncio.timeout(20):
            await bot.wait_for_answer(bot.ana, bot.dm)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_stopped_while_a_migration_waits(url: str) -> None:
    """SIGTERM stops the bot while the migration of the database waits for a lock of somebody else."""
    with open_database(url):
        pass
    workspace = Workspace(manifest())
    tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'alembic_version'::regclass"
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        async with bot_process("run", DATABASE_URL=url, **tokens) as process:
            await poll(lambda: other.execute(waiting).fetchone() is not None)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 15) == 0


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_stopped_while_the_database_is_silent(url: str) -> None:
    """While PostgreSQL is silent the health check fails, the log says so, and SIGTERM stops the bot in time."""
    workspace, port = Workspace(manifest()), unused_port()
    async with serve(workspace) as server, database_proxy(url) as (through, proxy):
        environment = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": server.api_url,
            "DATABASE_URL": through,
            "METRICS_PORT": str(port),
        }
        async with bot_process("run", **environment) as process:
            await line_with(process.stderr, "serving over Socket Mode")
            proxy.silent = True
            await line_with(process.stderr, "The database does not answer")
            async with aiohttp.request("GET", f"http://127.0.0.1:{port}/healthz") as response:
                assert (response.status, await response.text()) == (503, "the database does not answer\n")
            await workspace.post(workspace.user_id("ana"), workspace.dm_id("ana"), "I love this")
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0
            assert time.monotonic() - started < 30
