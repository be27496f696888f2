"""The bot's HTTP server, and requests as Slack sends them."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_sdk.signature import SignatureVerifier

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport import http, server
from bot.slack.transport.bolt_app import open_web_client
from bot.slack.transport.manifest import EVENTS_PATH
from bot.slack.transport.server import ConnectionLimits
from bot.store.database import IN_MEMORY, open_database
from slack_emulator import Workspace, serve
from tests.support.manifests import manifest

SECRET = "0123456789abcdef0123456789abcdef"
BODY = json.dumps({"type": "event_callback", "event": {"type": "message", "text": "my secret text"}})


@asynccontextmanager
async def served(engine: Engine, limits: ConnectionLimits = server.DEFAULT_LIMITS) -> AsyncIterator[int]:
    """Serve the bot over HTTP against an emulated workspace; yield the port."""
    workspace = Workspace(manifest("https://bot.example.com"))
    async with serve(workspace) as slack:
        settings = Settings(slack_bot_token=workspace.bot_token, slack_api_url=slack.api_url)
        with open_database(IN_MEMORY) as database:
            async with open_web_client(slack.api_url, DEFAULT_TIMING) as web:
                bot = app.build(settings, engine, database, web).app
                async with server.serve(
                    http.web_app(bot, SECRET, limits=limits), "127.0.0.1", 0, limits=limits
                ) as port:
                    yield port


def signed(body: str, *, at: float | None = None) -> dict[str, str]:
    """Return the headers that Slack would send with ``body``."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
        "Content-Type": "application/json",
    }


def unfinished(size: int) -> bytes:
    """Return a request with plausible headers and without its body of ``size`` bytes."""
    headers = {**signed(BODY), "Host": "x", "Content-Length": str(size)}
    lines = [f"POST {EVENTS_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
