"""The commands `manifest` and `doctor`."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sentiment.models import checkpoint
from slack_emulator import Workspace, serve
from tests.cli.conftest import Bot
from tests.support.manifests import manifest
from tests.support.processes import bot_process
from tests.support.tiny_models import tiny

Serve = Callable[[int, dict[str, object]], Awaitable[str]]


@pytest.fixture
async def server_with_answer() -> AsyncIterator[Serve]:
    """Return a function that starts a server which gives one answer to every request, and returns its address."""
    async with AsyncExitStack() as stack:

        async def serve_answer(status: int, answer: dict[str, object]) -> str:
            async def handle(_: web.Request) -> web.Response:
                return web.json_response(answer, status=status)

            app = web.Application()
            app.router.add_route("*", "/{path:.*}", handle)
            return str((await stack.enter_async_context(TestServer(app))).make_url("/api/"))

        yield serve_answer


def test_manifest(bot: Bot) -> None:
    """`manifest` prints the app's manifest as JSON, for Socket Mode, HTTP or many workspaces."""
    assert json.loads(bot("manifest").out)["settings"]["socket_mode_enabled"]
    assert not json.loads(bot("manifest", "--url", "https://b.example.com").out)["settings"]["socket_mode_enabled"]
    many = json.loads(bot("manifest", "--many-workspaces", "--url", "https://b.example.com/").out)
    assert many["oauth_config"]["redirect_urls"] == ["https://b.example.com/slack/oauth_redirect"]
    assert many["settings"]["token_rotation_enabled"]


def test_doctor_without_tokens(bot: Bot) -> None:
    """`doctor` says what is missing, and exits with 78; `--all` lists what is right below."""
    done = bot("doctor")
    assert done.code == 78
    assert re.fullmatch(r"2 checks failed\. \d+ checks passed; --all lists them\.\n", done.err)
    *lines, hint = done.out.splitlines()
    assert [line[0] for line in lines] == ["✗", "✗"]
    assert ".env" in hint
    assert "Connect your workspace" in hint
    everything = bot("doctor", "--all").out
    assert everything.startswith(done.out)
    assert "✓ The model embedded" in everything
    assert "✓ Python 3" in everything
    assert "✗ SLACK_BOT_TOKEN is not set" in done.out
    assert "✗ For Socket Mode: SLACK_APP_TOKEN is not set" in done.out
    assert "Or, for run --http: SLACK_SIGNING_SECRET is not set" in done.out


def test_doctor_checks_the_model(bot: Bot, tmp_path: Path) -> None:
    """`doctor` names the precision and its speed, or a device that this machine lacks."""
    assert re.search(r"✓ The model embedded .* in int8, about \d+ messages", bot("doctor", "--all").out)
    checkpoint.save(tiny("distilbert"), tmp_path / "model")
    model = {"SENTIMENT_MODEL": str(tmp_path / "model")}
    assert re.search(
        r"✓ The model .* in bf16, about \d+ messages", bot("doctor", "--all", **model, SENTIMENT_PRECISION="bf16").out
    )
    assert "✗ This machine has no device toaster" in bot("doctor", **model, SENTIMENT_DEVICE="toaster").out


async def test_doctor_without_network() -> None:
    """If Slack cannot be reached, `doctor` says so in one line, soon."""
    began = time.monotonic()
    code, out = await doctor("http://127.0.0.1:9/api/", Workspace(manifest()))
    assert code == 78
    (line,) = [line for line in out.splitlines() if line.startswith("✗")]
    assert "(Connection refused)" in line
    assert time.monotonic() - began < 15


async def test_doctor_with_good_tokens() -> None:
    """`doctor` exits with 0 if tokens and scopes are right, and says so in one line."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        async with bot_process("doctor", SLACK_API_URL=server.api_url, **tokens) as bot:
            out, _ = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 0
    assert re.fullmatch(r"Nothing is wrong: \d+ checks passed; --all lists them\.\n", out.decode())


async def doctor(url: str, workspace: Workspace) -> tuple[int | None, str]:
    """Run `doctor` with the tokens of a workspace; return the exit code and the output."""
    tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
    async with bot_process("doctor", "--all", SLACK_API_URL=url, **tokens) as bot:
        out, err = await asyncio.wait_for(bot.communicate(), 60)
    assert len(err.splitlines()) <= 1
    return bot.returncode, out.decode()


async def test_doctor_without_scopes_in_the_answer(server_with_answer: Serve) -> None:
    """If Slack does not say which scopes the token has, `doctor` says so instead of naming all as missing."""
    code, out = await doctor(await server_with_answer(200, {"ok": True, "url": "wss://x"}), Workspace(manifest()))
    assert code == 0
    assert "✓ SLACK_BOT_TOKEN is valid; scopes unknown" in out


@pytest.mark.parametrize(
    ("status", "answer"),
    [(404, {}), (404, {"ok": False, "error": "not_found"}), (200, {"ok": False, "error": "unknown_method"})],
)
async def test_doctor_at_a_wrong_address(server_with_answer: Serve, status: int, answer: dict[str, object]) -> None:
    """If the server at the address has no such method, `doctor` names the setting of the address."""
    url = await server_with_answer(status, answer)
    code, out = await doctor(url, Workspace(manifest()))
    assert code == 78
    assert out.count(f"✗ No such method at {url} (") == 1
    assert out.count("Check SLACK_API_URL") == 1
    assert "network" not in out


async def test_doctor_with_the_token_of_an_organization(server_with_answer: Serve) -> None:
    """`doctor` refuses the token of a whole organization, as `run` does."""
    answer = {"ok": True, "url": "wss://x", "is_enterprise_install": True}
    code, out = await doctor(await server_with_answer(200, answer), Workspace(manifest()))
    assert code == 78
    assert "✗ SLACK_BOT_TOKEN is for a whole organization" in out


async def test_doctor_names_missing_scopes() -> None:
    """`doctor` names the scopes that an app installed earlier lacks."""
    less = manifest()
    less["oauth_config"]["scopes"]["bot"].remove("reactions:read")
    workspace = Workspace(less)
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": "xapp-1-A1-2-wrong"}
        async with bot_process("doctor", SLACK_API_URL=server.api_url, **tokens) as bot:
            out, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 78
    assert "lacks reactions:read" in out.decode()
    assert "Slack refuses SLACK_APP_TOKEN (invalid_auth)" in out.decode()
    assert b"Traceback" not in err
