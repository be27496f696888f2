"""Failures of Slack, the connection and the model: nothing is posted twice, no text is logged."""

import asyncio
import logging
import signal
import threading
from collections import Counter
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import MAX_PENDING, Engine
from slack_emulator import ApiFault, EventFault, Workspace
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with, poll

pytestmark = pytest.mark.slow


async def test_throttled(bot: RunningBot) -> None:
    """A post that Slack throttles is made once, after the pause."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", status=429, retry_after=1))
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")
    await bot.assert_answer_count(1, bot.ana, bot.dm)


async def test_timeout(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A post that Slack does not answer in time, here a second, is made again."""
    async with run_bot(engine, timing=replace(FAST_TIMING, request=1)) as bot:
        bot.workspace.faults.add(ApiFault("chat.postMessage", wait=30))
        await bot.workspace.post(bot.ana, bot.dm, "I love this")
        await poll(lambda: "TimeoutError" in caplog.text)
        assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")
        await bot.assert_answer_count(1, bot.ana, bot.dm)


async def test_lost_response(bot: RunningBot) -> None:
    """A post whose response is lost is not repeated."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=True))
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    await bot.wait_for_answer(bot.ana, bot.dm)
    await bot.assert_answer_count(1, bot.ana, bot.dm)


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.postEphemeral"])
async def test_server_error(bot: RunningBot, method: str, caplog: pytest.LogCaptureFixture) -> None:
    """A server error is logged without text, and the next request is answered."""
    bot.workspace.faults.add(ApiFault(method, status=503))
    ts = await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} my secret")
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    await bot.workspace.until(lambda: method in [exchange.name for exchange in bot.workspace.log])
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")
    assert "HTTP 503" in caplog.text
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_message_cannot_be_fetched(bot: RunningBot) -> None:
    """A request about a message that cannot be fetched is answered with a sentence."""
    ts = await bot.workspace.post(bot.ben, bot.general, "This is a disaster")
    bot.workspace.faults.add(ApiFault("reactions.get", status=503, times=None))
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    assert "went wrong" in (await bot.wait_for_answer(bot.ana, bot.general)).text


@pytest.mark.parametrize("fault", [EventFault(copies=2), EventFault(deaf=True), EventFault(wait=0.2)])
async def test_repeated_and_late_events(bot: RunningBot, fault: EventFault) -> None:
    """An event that is repeated, redelivered or late is answered once."""
    bot.workspace.faults.add(fault)
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    await bot.wait_for_answer(bot.ana, bot.dm)
    await bot.assert_answer_count(1, bot.ana, bot.dm)


async def test_dropped_connection(bot: RunningBot) -> None:
    """The bot reconnects after the connection is lost."""
    before = bot.workspace.sockets.connections[0]
    await bot.workspace.sockets.drop()
    await bot.workspace.until(lambda: before not in (bot.workspace.sockets.connections or [before]), timeout=60)
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")


async def test_replaced_connection(bot: RunningBot) -> None:
    """When Slack replaces the connection, each request is answered once."""
    await bot.workspace.sockets.refresh()
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    await bot.wait_for_answer(bot.ana, bot.dm)
    await bot.assert_answer_count(1, bot.ana, bot.dm)


class FlakyClassifier(Classifier):
    """Fails ``failures`` times, with an error that quotes the text."""

    failures = 0

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Raise an error, or classify."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("cannot classify 'my secret text'")
        return super().run(rows)  # type: ignore[arg-type]


async def test_share_again_after_a_failure(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """If sharing fails, the user alone is told, and can press the button again."""
    model = FlakyClassifier(classifier.model, classifier.tokenizer, "flaky")
    engine = Engine(model, cache_size=0)  # so that sharing classifies again
    async with run_bot(engine) as bot:
        await bot.workspace.command(bot.ana, bot.general, "/sentiment", "my secret text")
        answer = await bot.wait_for_answer(bot.ana, bot.general)
        model.failures = 1
        await bot.workspace.press(bot.ana, answer, "share")
        assert "went wrong" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text
        assert bot.answers(bot.ben, bot.general) == []
        await bot.workspace.press(bot.ana, answer, "share")
        assert "my secret text" in text_in(await bot.wait_for_answer(bot.ben, bot.general))
    engine.close()
    assert "secret" not in caplog.text


async def test_unexpected_error(
    bot: RunningBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error is logged without text, and the next request is answered."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError("cannot read 'my secret text'")

    with monkeypatch.context() as patched:
        patched.setattr("bot.slack.parsing.request.plain_text", fail)
        await bot.workspace.post(bot.ana, bot.dm, "my secret text")
        await poll(lambda: "ValueError" in caplog.text)
    await bot.workspace.post(bot.ana, bot.dm, "I love this")
    assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")
    assert "secret" not in caplog.text
    assert not [record for record in caplog.records if record.name == "asyncio"]


class BlockedClassifier(Classifier):
    """Waits for an event before it classifies."""

    released = threading.Event()

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Wait, then classify."""
        assert self.released.wait(60)
        return super().run(rows)  # type: ignore[arg-type]


async def test_full_queue(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """Requests beyond the engine's limit are answered at once that the bot is busy; all others get a result."""
    caplog.set_level(logging.ERROR)
    blocked = BlockedClassifier(classifier.model, classifier.tokenizer, "blocked")
    engine = Engine(blocked)

    def first_words() -> list[str]:
        return [message.text.split()[0] for message in bot.answers(bot.ana, bot.dm)]

    async with run_bot(engine) as bot:
        for _ in range(MAX_PENDING + 20):
            await bot.workspace.post(bot.ana, bot.dm, "I love this")
        await bot.workspace.until(lambda: len(first_words()) == 20, timeout=60)
        assert set(first_words()) == {"I'm"}
        blocked.released.set()
        await bot.workspace.until(lambda: len(first_words()) == MAX_PENDING + 20, timeout=120)
        assert Counter(first_words()) == {"I'm": 20, "Positive": MAX_PENDING}
    engine.close()


async def test_stopped_while_connecting() -> None:
    """The bot can be stopped while it is connecting to an address that does not answer."""

    async def api(request: web.Request) -> web.Response:
        return web.json_response(
            {"ok": True, "url": "ws://127.0.0.1:9/", "bot_id": "B1", "user_id": "U1", "team_id": "T1"}
        )

    application = web.Application()
    application.router.add_route("*", "/api/{method}", api)
    workspace = Workspace(manifest())
    tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
    async with (
        TestServer(application) as server,
        bot_process("run", SLACK_API_URL=str(server.make_url("/api/")), **tokens) as process,
    ):
        await line_with(process.stderr, "connect")
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert b"never retrieved" not in err
