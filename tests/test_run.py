"""The bot as a process: started, used, stopped."""

import asyncio
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet

from bot.slack.transport.manifest import manifest
from bot.store import installations
from bot.store.database import open_database
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher
from slack_emulator import ApiFault, Workspace, serve
from tests.support import processes


def process(*arguments: str, **environment: str) -> AbstractAsyncContextManager[Process]:
    """Run the bot in a process of its own, and end it in any case."""
    return processes.process(sys.executable, "-u", "-m", "bot", *arguments, environment=environment)


async def line_with(stream: asyncio.StreamReader | None, words: str) -> str:
    """Read lines until one has ``words``."""
    assert stream
    async with asyncio.timeout(120):
        while line := await stream.readline():
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"no line said {words!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_serves_until_stopped(number: signal.Signals) -> None:
    """`run` connects with the tokens of its environment, answers, and ends cleanly on Ctrl-C and SIGTERM."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        async with process("run", SLACK_API_URL=server.api_url, **tokens) as bot:
            await line_with(bot.stderr, "serving over Socket Mode")
            ana, general = workspace.user_id("ana"), workspace.channel_id("general")
            await workspace.post(ana, general, f"<@{workspace.bot_user_id}> my secret: I love this")
            await workspace.until(
                lambda: (
                    len(workspace.seen_by(ana, general)) > 1 and "POSITIVE" in workspace.seen_by(ana, general)[-1].text
                ),
                timeout=60,
            )
            bot.send_signal(number)
            out, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 0
    assert b"Traceback" not in err
    assert b"secret" not in out + err
    assert workspace.bot_token.encode() not in out + err


@pytest.mark.parametrize("over_http", [False, True])
async def test_what_is_in_hand_is_finished(over_http: bool) -> None:
    """Told to stop, the bot takes nothing more in, answers what it has taken, and then ends."""
    async with slow_bot(over_http=over_http, answer_after=3) as (workspace, bot):
        bot.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(bot.communicate(), 20)
        said = workspace.seen_by(workspace.user_id("ana"), workspace.dm_id("ana"))
        assert said[-1].text.startswith("POSITIVE")
    assert bot.returncode == 0
    assert b"Traceback" not in err
    assert b"ERROR" not in err


@pytest.mark.parametrize("over_http", [False, True])
async def test_told_to_stop_twice(over_http: bool) -> None:
    """Told a second time, the bot leaves at once, whatever it has in hand."""
    async with slow_bot(over_http=over_http, answer_after=60) as (_, bot):
        bot.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bot.wait(), 1)
        started = time.monotonic()
        bot.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(bot.communicate(), 20)
    assert time.monotonic() - started < 3
    assert bot.returncode == 0
    assert b"Traceback" not in err


@asynccontextmanager
async def slow_bot(*, over_http: bool, answer_after: float) -> AsyncIterator[tuple[Workspace, Process]]:
    """Start the bot and give it one message, whose answer Slack takes after a while only."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}/slack/events" if over_http else None
    workspace = Workspace(manifest("https://bot.example.com" if over_http else None))
    async with serve(workspace, events_url=url) as server:
        secrets = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
        }
        arguments = ["run", *(["--http"] if over_http else [])]
        async with process(*arguments, PORT=str(port), SLACK_API_URL=server.api_url, **secrets) as bot:
            await line_with(bot.stderr, "serving over")
            workspace.faults.add(ApiFault("chat.postMessage", wait=answer_after))
            await workspace.post(workspace.user_id("ana"), workspace.dm_id("ana"), "I love this")
            await asyncio.sleep(0.5)  # until it is judged; the fault leaves no trace before its wait is over
            yield workspace, bot


async def test_health_and_metrics() -> None:
    """With METRICS_PORT the bot tells whether it is connected, and counts what it does, without text or names."""
    workspace, port = Workspace(manifest()), unused_port()
    async with serve(workspace) as server, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        async with process("run", METRICS_PORT=str(port), SLACK_API_URL=server.api_url, **tokens) as bot:
            await line_with(bot.stderr, "serving over Socket Mode")
            ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")
            workspace.faults.add(ApiFault("chat.postMessage", status=429, retry_after=1))
            await workspace.post(ana, dm, "my secret: I love this")
            await workspace.until(lambda: len(workspace.seen_by(ana, dm)) > 1)
            await workspace.sockets.refresh()
            await workspace.until(lambda: len(workspace.sockets.connections) == 2)
            await asyncio.sleep(0.2)  # until the bot knows that Slack took its post
            assert await (await session.get("/healthz")).text() == "ok\n"
            assert (await session.get("/")).status == 404
            response = await session.get("/metrics")
            shown = await response.text()
            assert not {"Server"} & set(response.headers)
    for line in [
        'bot_events_total{kind="message"} 1.0',
        'bot_results_total{label="POSITIVE"} 1.0',
        "bot_answer_seconds_count 1.0",
        "bot_batch_rows_count",
        "bot_waiting_rows 0.0",
        "bot_in_hand 0.0",
        "bot_throttled_total 1.0",
        "bot_reconnects_total 1.0",
        "bot_claims_open 0.0",
    ]:
        assert line in shown
    assert "secret" not in shown
    assert ana not in shown


async def test_the_first_exchange() -> None:
    """`workspace --once` shows the four ways to ask, each with the bot's reply, and exits 0."""
    async with process("workspace", "--once", PORT=str(unused_port())) as bot:
        out, err = await asyncio.wait_for(bot.communicate(), 120)
    shown = out.decode()
    assert (bot.returncode, err) == (0, b"")
    for way in ("/sentiment", "@sentiment tokens", ":thermometer:", "directly"):
        assert way in shown
    assert shown.count("sentiment answers") == 4


async def test_the_workspace_serves_on() -> None:
    """Without `--once` the page is served until Ctrl-C, which ends it cleanly."""
    port = unused_port()
    async with process("workspace", PORT=str(port)) as bot:
        assert f"http://127.0.0.1:{port}" in await line_with(bot.stdout, "in a browser")
        bot.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert (bot.returncode, err) == (0, b"")


async def test_a_taken_port() -> None:
    """A port in use is one line that says what to do, and exits 78."""
    async with serve(Workspace(manifest())) as server:
        port = server.url.rpartition(":")[2]
        async with process("workspace", "--once", PORT=port) as bot:
            _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert err.decode().count("\n") == 1
    assert "PORT=" in err.decode()


async def test_doctor_with_good_tokens() -> None:
    """`doctor` finds nothing to mend where tokens and scopes are right, and exits 0."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        async with process("doctor", SLACK_API_URL=server.api_url, **tokens) as bot:
            out, _ = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 0
    assert "every scope" in out.decode()


async def test_doctor_names_missing_scopes() -> None:
    """An app installed before a scope was added is told which, and how to mend it."""
    less = manifest()
    less["oauth_config"]["scopes"]["bot"].remove("reactions:read")
    workspace = Workspace(less)
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": "xapp-1-A1-2-wrong"}
        async with process("doctor", SLACK_API_URL=server.api_url, **tokens) as bot:
            out, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert "lacks reactions:read" in out.decode()
    assert "Slack refuses SLACK_APP_TOKEN (invalid_auth)" in out.decode()
    assert b"Traceback" not in err


async def test_a_wrong_key(tmp_path: Path) -> None:
    """A SECRETS_KEY that does not open the tokens kept is one line that says so, and exits 78."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        made = Installation("T1", "B1", "U1", Tokens("xoxb-1-2-secret"), 1)
        database.run_sync(installations.add, TokenCipher(Fernet.generate_key().decode()), made)
    secrets = {
        "SLACK_CLIENT_ID": "12.34",
        "SLACK_CLIENT_SECRET": "0" * 32,
        "SLACK_SIGNING_SECRET": "0" * 32,
        "SECRETS_KEY": Fernet.generate_key().decode(),
        "DATABASE_URL": url,
    }
    for command in (["run", "--http"], ["doctor"]):
        async with process(*command, PORT=str(unused_port()), **secrets) as bot:
            out, err = await asyncio.wait_for(bot.communicate(), 60)
        assert bot.returncode == 78
        assert "SECRETS_KEY does not open the tokens" in (out + err).decode()
        assert b"Traceback" not in err


async def test_a_refused_token() -> None:
    """A token that Slack does not know is one line naming it, and exits 78."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-wrong", "SLACK_APP_TOKEN": workspace.app_token}
        async with process("run", SLACK_API_URL=server.api_url, **tokens) as bot:
            _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert err.decode().splitlines()[-1].startswith("Slack refuses SLACK_BOT_TOKEN (invalid_auth)")
    assert b"Traceback" not in err
