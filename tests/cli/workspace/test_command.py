"""The command `workspace` with the bot; tests/slack_emulator/test_command.py tests it without."""

import asyncio
import signal

from aiohttp.test_utils import unused_port

from slack_emulator import Workspace, serve
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with


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
