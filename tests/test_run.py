"""The bot as a process: started, used, stopped."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from contextlib import AbstractAsyncContextManager

import pytest
from aiohttp.test_utils import unused_port

from bot.slack.manifest import manifest
from bot.workspace import Workspace, serve
from tests import processes


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
