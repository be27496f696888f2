"""When Slack throttles, fails or goes away, nothing is said twice, nothing leaks, and the next ask works."""

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
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with
from tests.support.stage import HASTY, Stage, staged, text_in


async def test_throttled(stage: Stage) -> None:
    """A reply that Slack throttles comes after the pause that it asks for, once."""
    stage.workspace.faults.add(ApiFault("chat.postMessage", status=429, retry_after=1))
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")
    await stage.settled(1, stage.ana, stage.dm)


async def test_a_slack_that_hangs(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A post that Slack does not answer is given up after the SDK's limit, here a second, and made again."""
    async with staged(engine, timing=replace(HASTY, request=1)) as stage:
        stage.workspace.faults.add(ApiFault("chat.postMessage", wait=30))
        await stage.workspace.post(stage.ana, stage.dm, "I love this")
        async with asyncio.timeout(10):
            while "TimeoutError" not in caplog.text:  # noqa: ASYNC110 - the log rings no bell
                await asyncio.sleep(0.05)
        assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")
        await stage.settled(1, stage.ana, stage.dm)


async def test_a_connection_that_breaks_after_posting(stage: Stage) -> None:
    """A post whose answer got lost is not repeated."""
    stage.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=True))
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    await stage.answer(stage.ana, stage.dm)
    await stage.settled(1, stage.ana, stage.dm)


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.postEphemeral"])
async def test_slack_fails(stage: Stage, method: str, caplog: pytest.LogCaptureFixture) -> None:
    """Where Slack itself fails there is a line in the log, and the next ask is answered."""
    stage.workspace.faults.add(ApiFault(method, status=503))
    ts = await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} my secret")
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    await stage.workspace.until(lambda: method in [exchange.name for exchange in stage.workspace.log])
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")
    assert "HTTP 503" in caplog.text
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_slack_fails_to_give_the_message(stage: Stage) -> None:
    """Who asks about a message that cannot be fetched just now is told so."""
    ts = await stage.workspace.post(stage.ben, stage.general, "This is a disaster")
    stage.workspace.faults.add(ApiFault("reactions.get", status=503, times=None))
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    assert "went wrong" in (await stage.answer(stage.ana, stage.general)).text


@pytest.mark.parametrize("fault", [EventFault(copies=2), EventFault(deaf=True), EventFault(wait=0.2)])
async def test_events_twice_or_late(stage: Stage, fault: EventFault) -> None:
    """An event that comes three times, again because its acknowledgement got lost, or late, is answered once."""
    stage.workspace.faults.add(fault)
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    await stage.answer(stage.ana, stage.dm)
    await stage.settled(1, stage.ana, stage.dm)


async def test_a_socket_that_drops(stage: Stage) -> None:
    """After the connection broke the bot connects again and answers."""
    before = stage.workspace.sockets.connections[0]
    await stage.workspace.sockets.drop()
    # The SDK looks every ten seconds whether its connection lives.
    await stage.workspace.until(lambda: before not in (stage.workspace.sockets.connections or [before]), timeout=60)
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")


async def test_a_socket_that_slack_replaces(stage: Stage) -> None:
    """When Slack asks the bot to connect anew, nothing is lost and nothing said twice."""
    await stage.workspace.sockets.refresh()
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    await stage.answer(stage.ana, stage.dm)
    await stage.settled(1, stage.ana, stage.dm)


class Flaky(Classifier):
    """A model that fails as often as it is told, quoting the text as libraries like to do."""

    failures = 0

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Fail, or judge."""
        if self.failures:
            self.failures -= 1
            raise RuntimeError("cannot judge 'my secret text'")
        return super().run(rows)  # type: ignore[arg-type]


async def test_sharing_can_be_tried_again(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """When sharing fails the person alone hears of it, and pressing again shares."""
    model = Flaky(classifier.model, classifier.tokenizer, "flaky")
    engine = Engine(model, cache_size=0)  # so that sharing judges again
    async with staged(engine) as stage:
        await stage.workspace.command(stage.ana, stage.general, "/sentiment", "my secret text")
        answer = await stage.answer(stage.ana, stage.general)
        model.failures = 1
        await stage.workspace.press(stage.ana, answer, "share")
        assert "went wrong" in (await stage.answer(stage.ana, stage.general, 2)).text
        assert stage.answers(stage.ben, stage.general) == []
        await stage.workspace.press(stage.ana, answer, "share")
        assert "my secret text" in text_in(await stage.answer(stage.ben, stage.general))
    engine.close()
    assert "secret" not in caplog.text


async def test_a_mistake_of_ours(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error where no listener expects one leaves a line without text, and the bot goes on."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("cannot read 'my secret text'")

    with monkeypatch.context() as patched:
        patched.setattr("bot.slack.parsing.request.plain_text", broken)
        await stage.workspace.post(stage.ana, stage.dm, "my secret text")
        async with asyncio.timeout(10):
            while "ValueError" not in caplog.text:  # noqa: ASYNC110 - the log rings no bell
                await asyncio.sleep(0.05)
    await stage.workspace.post(stage.ana, stage.dm, "I love this")
    assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")
    assert "secret" not in caplog.text
    assert not [record for record in caplog.records if record.name == "asyncio"]


class Held(Classifier):
    """A model that begins when it is let."""

    gate = threading.Event()

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Wait, then judge."""
        assert self.gate.wait(60)
        return super().run(rows)  # type: ignore[arg-type]


async def test_too_many_at_once(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """Beyond what the engine takes people are told at once that it is busy; all others are answered."""
    caplog.set_level(logging.ERROR)
    held = Held(classifier.model, classifier.tokenizer, "held")
    engine = Engine(held)

    def said() -> list[str]:
        return [message.text.split()[0] for message in stage.answers(stage.ana, stage.dm)]

    async with staged(engine) as stage:
        for _ in range(MAX_PENDING + 20):
            await stage.workspace.post(stage.ana, stage.dm, "I love this")
        await stage.workspace.until(lambda: len(said()) == 20, timeout=60)
        assert set(said()) == {"I'm"}
        held.gate.set()
        await stage.workspace.until(lambda: len(said()) == MAX_PENDING + 20, timeout=120)
        assert Counter(said()) == {"I'm": 20, "POSITIVE": MAX_PENDING}
    engine.close()


async def test_stopped_while_connecting() -> None:
    """A Socket Mode address that does not answer does not keep the bot from stopping."""

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
        bot_process("run", SLACK_API_URL=str(server.make_url("/api/")), **tokens) as bot,
    ):
        await line_with(bot.stderr, "connect")
        bot.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(bot.communicate(), 30)
    assert bot.returncode == 0
    assert b"never retrieved" not in err
