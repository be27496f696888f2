"""The command `workspace` with the bot, and its errors; tests/slack_emulator/test_command.py tests it without."""

import asyncio
import signal
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from slack_emulator import Workspace, serve
from tests.cli.conftest import Bot
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with

pytestmark = pytest.mark.slow


async def test_demo() -> None:
    """`workspace --once` shows each kind of request, and two in Korean, with the replies, and exits with 0."""
    async with bot_process("workspace", "--once", PORT=str(unused_port())) as bot:
        out, err = await asyncio.wait_for(bot.communicate(), 120)
    shown = out.decode()
    assert (bot.returncode, err) == (0, b"")
    for kind in ("/sentiment", "@sentiment tokens", ":thermometer:", "directly", "HuggingFace 강의", "너무 싫어요"):
        assert kind in shown
    assert shown.count("sentiment replies") == 6


async def test_serves_until_stopped() -> None:
    """Without `--once` the emulator serves its page until Ctrl-C, which is no error."""
    port = unused_port()
    async with bot_process("workspace", PORT=str(port)) as bot:
        assert f"http://127.0.0.1:{port}" in await line_with(bot.stdout, "in a browser")
        bot.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert (bot.returncode, err) == (0, b"")


async def test_a_taken_port() -> None:
    """A port in use is reported in one line that says what to do, with exit code 78."""
    async with serve(Workspace(manifest())) as server:
        port = server.url.rpartition(":")[2]
        async with bot_process("workspace", "--once", PORT=port) as bot:
            _, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert err.decode().count("\n") == 1
    assert "PORT=" in err.decode()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--empty", "--once"), 2, "--once"),
        (("--manifest", "m.json"), 2, "add --empty"),
        (("--request-url", "http://127.0.0.1:1"), 2, "add --empty"),
        (("--organization",), 2, "add --empty"),
        (("--empty", "--request-url", "here"), 2, "web address"),
        (("--empty", "--organization", "--manifest", "plain.json"), 78, "org_deploy_enabled"),
        (("--empty", "--manifest", "none.json"), 78, "cannot be read"),
        (("--empty", "--manifest", "yaml.json"), 78, "is not JSON"),
        (("--empty", "--manifest", "nameless.json"), 78, "'display_information' is a required property"),
        (("--empty", "--manifest", "odd.json"), 78, "'callback_id' is a required property"),
    ],
)
def test_errors(bot: Bot, arguments: tuple[str, ...], code: int, message: str) -> None:
    """Invalid options and manifests are reported in one line."""
    Path("plain.json").write_text('{"display_information": {"name": "x"}}')
    Path("yaml.json").write_text("display_information:\n  name: x\n")
    Path("nameless.json").write_text("{}")
    shortcut = '{"name": "a", "type": "global"}'
    Path("odd.json").write_text(
        f'{{"display_information": {{"name": "x"}}, "features": {{"shortcuts": [{shortcut}]}}}}'
    )
    done = bot("workspace", *arguments)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err
    assert code == 2 or done.err.count("\n") == 1
