"""The commands `run` and `catchup`: the bot as a process that is started, used and stopped."""

import asyncio
import signal
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet

from bot.store import installations, webhooks
from bot.store.database import open_database
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher
from slack_emulator import ApiFault, Workspace, serve
from tests.cli.conftest import Bot
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with, poll

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_serves_until_stopped(number: signal.Signals) -> None:
    """`run` connects with the tokens in its environment, replies, and exits cleanly on Ctrl-C and SIGTERM."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        async with bot_process("run", SLACK_API_URL=server.api_url, **tokens) as bot:
            await line_with(bot.stderr, "serving over Socket Mode")
            ana, general = workspace.user_id("ana"), workspace.channel_id("general")
            await workspace.post(ana, general, f"<@{workspace.bot_user_id}> my secret: I love this")
            await workspace.until(
                lambda: (
                    len(workspace.seen_by(ana, general)) > 1 and "Positive" in workspace.seen_by(ana, general)[-1].text
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
async def test_dry_run(over_http: bool) -> None:
    """`run --dry-run` connects, logs the label and the ids of a message but not its text, and posts nothing."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}/slack/events" if over_http else None
    workspace = Workspace(manifest("https://bot.example.com" if over_http else None))
    async with serve(workspace, events_url=url) as server:
        secrets = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
        }
        arguments = ["run", "--dry-run", *(["--http"] if over_http else [])]
        async with bot_process(*arguments, PORT=str(port), SLACK_API_URL=server.api_url, **secrets) as bot:
            await line_with(bot.stderr, "in a dry run that posts nothing")
            ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")
            ts = await workspace.post(ana, dm, "my secret: I love this")
            assert "POSITIVE 9" in (line := await line_with(bot.stderr, f"(channel={dm} ts={ts})"))
            assert "secret" not in line
            await line_with(bot.stderr, "chat.postMessage is not called")
        assert len(workspace.seen_by(ana, dm)) == 1


def test_dry_run_of_many_workspaces(bot: Bot) -> None:
    """`--dry-run` is for one workspace, since it would renew the tokens of the others."""
    key = Fernet.generate_key().decode()
    done = bot(
        "run",
        "--http",
        "--dry-run",
        SLACK_CLIENT_ID="1.2",
        SLACK_CLIENT_SECRET="0" * 32,
        SLACK_SIGNING_SECRET="0" * 32,
        SECRETS_KEY=key,
    )
    assert (done.code, done.err.count("\n")) == (78, 1)
    assert "--dry-run is for one workspace" in done.err


@asynccontextmanager
async def slow_bot(*, over_http: bool, answer_after: float) -> AsyncIterator[tuple[Workspace, Process]]:
    """Start the bot, and send it a message whose reply Slack accepts only after ``answer_after`` seconds."""
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
        async with bot_process(*arguments, PORT=str(port), SLACK_API_URL=server.api_url, **secrets) as bot:
            await line_with(bot.stderr, "serving over")
            workspace.faults.add(ApiFault("chat.postMessage", wait=answer_after))
            await workspace.post(workspace.user_id("ana"), workspace.dm_id("ana"), "I love this")
            await poll(lambda: not workspace.faults.api)  # used up: the reply is on its way
            yield workspace, bot


@pytest.mark.parametrize("over_http", [False, True])
async def test_stops_after_work_in_flight(over_http: bool) -> None:
    """On SIGTERM the bot finishes the replies it has begun, and exits cleanly."""
    async with slow_bot(over_http=over_http, answer_after=3) as (workspace, bot):
        bot.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(bot.communicate(), 20)
        messages = workspace.seen_by(workspace.user_id("ana"), workspace.dm_id("ana"))
        assert messages[-1].text.startswith("Positive")
    assert bot.returncode == 0
    assert b"Traceback" not in err
    assert b"ERROR" not in err


@pytest.mark.parametrize("over_http", [False, True])
async def test_stops_at_once(over_http: bool) -> None:
    """On a second SIGTERM the bot exits at once, even with work in flight."""
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


async def test_host() -> None:
    """`run --http` listens on the address HOST alone; one of another machine is an error with exit code 78."""
    workspace, port = Workspace(manifest("https://bot.example.com")), unused_port()
    async with serve(workspace) as server:
        settings = {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": server.api_url,
            "PORT": str(port),
        }
        async with bot_process("run", "--http", HOST="127.0.0.1", **settings) as bot:
            await line_with(bot.stderr, "serving over HTTP")
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.2", port)
        async with bot_process("run", "--http", HOST="192.0.2.1", **settings) as bot:
            _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert err.decode().splitlines()[-1] == "192.0.2.1 is not an address of this machine. Correct HOST."


async def test_health_and_metrics() -> None:
    """With METRICS_PORT the bot serves its health and its metrics, which contain neither texts nor names."""
    workspace, port = Workspace(manifest()), unused_port()
    async with serve(workspace) as server, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        async with bot_process("run", METRICS_PORT=str(port), SLACK_API_URL=server.api_url, **tokens) as bot:
            await line_with(bot.stderr, "serving over Socket Mode")
            ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")
            workspace.faults.add(ApiFault("chat.postMessage", status=429, retry_after=1))
            await workspace.post(ana, dm, "my secret: I love this")
            await workspace.until(lambda: len(workspace.seen_by(ana, dm)) > 1)
            await workspace.sockets.refresh()
            await workspace.until(lambda: len(workspace.sockets.connections) == 2)
            assert await (await session.get("/healthz")).text() == "ok\n"
            assert (await session.get("/")).status == 404
            expected = [
                'bot_events_total{kind="message"} 1.0',
                'bot_results_total{label="POSITIVE"} 1.0',
                "bot_answer_seconds_count 1.0",
                "bot_batch_rows_count",
                "bot_waiting_rows 0.0",
                "bot_in_flight 0.0",
                "bot_throttled_total 1.0",
                "bot_reconnects_total 1.0",
                "bot_claims_open 0.0",
            ]
            async with asyncio.timeout(60):
                while True:  # until the bot has recorded Slack's response
                    response = await session.get("/metrics")
                    metrics = await response.text()
                    if all(line in metrics for line in expected):
                        break
                    await asyncio.sleep(0.02)
            assert "Server" not in response.headers
    assert "secret" not in metrics
    assert ana not in metrics


async def test_a_wrong_key(tmp_path: Path) -> None:
    """A SECRETS_KEY that does not decrypt the stored tokens is reported in one line, with exit code 78."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        installation = Installation("T1", "B1", "U1", Tokens("xoxb-1-2-secret"), 1)
        database.run_sync(installations.add, TokenCipher(Fernet.generate_key().decode()), installation)
    secrets = {
        "SLACK_CLIENT_ID": "12.34",
        "SLACK_CLIENT_SECRET": "0" * 32,
        "SLACK_SIGNING_SECRET": "0" * 32,
        "SECRETS_KEY": Fernet.generate_key().decode(),
        "DATABASE_URL": url,
    }
    for command in (["run", "--http"], ["doctor"]):
        async with bot_process(*command, PORT=str(unused_port()), **secrets) as bot:
            out, err = await asyncio.wait_for(bot.communicate(), 60)
        assert bot.returncode == 78
        assert "SECRETS_KEY does not decrypt what is in the database" in (out + err).decode()
        assert b"Traceback" not in err


async def test_a_missing_key(tmp_path: Path) -> None:
    """With one workspace, too, a missing or malformed key of encrypted webhooks is reported, with exit code 78."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        cipher = TokenCipher(Fernet.generate_key().decode())
        database.run_sync(webhooks.add, "T1", "C1", "https://example.com", "U1", cipher=cipher)
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xapp-1-2-abc", "DATABASE_URL": url}
    for key, words in (("", "encrypted. Set SECRETS_KEY"), ("wrong", "SECRETS_KEY is malformed")):
        async with bot_process("run", SECRETS_KEY=key, **tokens) as bot:
            _, err = await asyncio.wait_for(bot.communicate(), 60)
        assert bot.returncode == 78
        assert words in err.decode()
        assert b"Traceback" not in err


async def test_a_refused_token() -> None:
    """A token that Slack does not know is reported in one line that names it, with exit code 78."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-wrong", "SLACK_APP_TOKEN": workspace.app_token}
        async with bot_process("run", SLACK_API_URL=server.api_url, **tokens) as bot:
            _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert err.decode().splitlines()[-1].startswith("Slack refuses SLACK_BOT_TOKEN (invalid_auth)")
    assert b"Traceback" not in err


def test_slack_cannot_be_reached(bot: Bot) -> None:
    """If Slack cannot be reached, `run` reports it in one line and exits with 1."""
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xapp-1-A1-2-abc"}
    done = bot("run", SLACK_API_URL="http://127.0.0.1:9/api/", **tokens)
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("Slack cannot be reached")
    assert "Traceback" not in done.err


async def test_catchup() -> None:
    """`catchup` answers what was written while the bot was away, and prints how much it was and what it cannot find."""
    workspace = Workspace(manifest())
    ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        await workspace.post(ana, dm, "I love this")
        async with bot_process(
            "catchup", "--hours", "1", SLACK_BOT_TOKEN=workspace.bot_token, SLACK_API_URL=server.api_url
        ) as bot:
            out, err = await asyncio.wait_for(bot.communicate(), 120)
        assert workspace.seen_by(ana, dm)[-1].text.startswith("Positive")
    assert bot.returncode == 0
    (note,) = err.decode().splitlines()
    assert "cannot be found without FEATURES=watching" in note
    assert out.decode() == "Read 1 messages of the last 1 hours, and handled 1 that were missed.\n"


@pytest.mark.parametrize("hours", ["0", "1000", "-1", "2.5", "x", "", "１", "9" * 5000])
def test_wrong_hours(bot: Bot, hours: str) -> None:
    """`catchup` says which numbers of hours it accepts."""
    done = bot("catchup", "--hours", hours)
    assert done.code == 2
    assert done.err.splitlines()[-1] == "Error: Invalid value for '--hours': it must be a whole number from 1 to 999"


@pytest.mark.parametrize("hours", [[], ["--hours", "1"], ["--hours", " 999"]])
def test_hours(bot: Bot, hours: list[str]) -> None:
    """`catchup` accepts these hours, and goes on to its settings."""
    done = bot("catchup", *hours)
    assert (done.code, "SLACK_BOT_TOKEN" in done.err) == (78, True)
