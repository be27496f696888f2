"""The HTTP door lets in what Slack signed, and nothing else, and writes no body into the log."""

import json
import logging
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port
from slack_sdk.signature import SignatureVerifier

from bot import app
from bot.sentiment.engine import Engine
from bot.settings import Settings
from bot.slack import http
from bot.slack.manifest import manifest
from bot.store.database import IN_MEMORY, opened
from bot.workspace import Workspace, serve
from tests.stage import QUICK, Stage

SECRET = "0123456789abcdef0123456789abcdef"
BODY = json.dumps({"type": "event_callback", "event": {"type": "message", "text": "my secret text"}})


@pytest.fixture
async def address(engine: Engine) -> AsyncIterator[str]:
    """Serve the bot over HTTP, with a workspace behind it."""
    workspace = Workspace(manifest("https://bot.example.com"))
    async with serve(workspace) as slack:
        with opened(IN_MEMORY) as database:
            settings = Settings(slack_bot_token=workspace.bot_token, slack_api_url=slack.api_url)
            async with TestServer(http.web_app(app.build(settings, engine, database), SECRET)) as server:
                yield str(server.make_url(http.PATH))


def signed(body: str, *, at: float | None = None) -> dict[str, str]:
    """Return the headers that Slack would send with ``body``."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=0000"},
        {"X-Slack-Signature": "v0=ünïcödé"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "yesterday"},
        {"X-Slack-Request-Timestamp": "²"},
        {"X-Slack-Request-Timestamp": "9" * 400},
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": str(int(time.time()) - 3600)},
        signed(BODY, at=time.time() - 3600),
        signed(BODY + " "),
    ],
)
async def test_refuses_what_slack_did_not_sign(
    address: str, change: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A missing, malformed, old or wrong signature is 401, and one line in the log without the body."""
    caplog.set_level(logging.INFO)
    async with aiohttp.ClientSession() as session:
        response = await session.post(address, data=BODY, headers={**signed(BODY), **change})
    assert response.status == 401
    assert "secret" not in caplog.text


async def test_refuses_what_is_no_text(address: str) -> None:
    """A body that is not UTF-8 is not Slack's."""
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=b"\xff\xfe", headers=signed(BODY))).status == 401


async def test_refuses_what_is_too_large(address: str) -> None:
    """A body over a megabyte is 413."""
    body = "x" * 2_000_000
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=body, headers=signed(body))).status == 413


async def test_answers_slacks_challenge(address: str) -> None:
    """The address can be verified when the app is set up."""
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    async with aiohttp.ClientSession() as session:
        response = await session.post(address, data=body, headers=signed(body))
        assert response.status == 200
        assert "3eZbrw1aB" in await response.text()


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "{", '"text"', "payload=%7B", '{"event": 7, "type": "event_callback"}']
)
async def test_signed_junk_is_no_error(address: str, body: str, caplog: pytest.LogCaptureFixture) -> None:
    """What makes no sense, though signed, is answered without an error that would make Slack send it again."""
    async with aiohttp.ClientSession() as session:
        assert (await session.post(address, data=body, headers=signed(body))).status == 200
    assert body not in caplog.text or len(body) < 3


async def test_serves_a_workspace(engine: Engine) -> None:
    """Over signed HTTP a command and a mention are answered as over Socket Mode."""
    workspace, port = Workspace(manifest("https://bot.example.com"), schedule=QUICK), unused_port()
    async with serve(workspace, events_url=f"http://127.0.0.1:{port}{http.PATH}") as server:
        settings = Settings(
            slack_bot_token=workspace.bot_token,
            slack_signing_secret=workspace.signing_secret,
            slack_api_url=server.api_url,
            port=port,
            database_url=IN_MEMORY,
        )
        async with app.listening(settings, engine):
            stage = Stage(workspace, settings)
            await workspace.command(stage.ana, stage.general, "/sentiment", "I love this team")
            assert (await stage.answer(stage.ana, stage.general)).text.startswith("POSITIVE")
            await workspace.post(stage.ana, stage.general, f"{stage.mention} I love this team")
            assert (await stage.answer(stage.ben, stage.general)).text.startswith("POSITIVE")
