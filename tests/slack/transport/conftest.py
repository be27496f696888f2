"""Fixtures for tests of the transport."""

from collections.abc import AsyncIterator

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.transport.manifest import EVENTS_PATH
from tests.support.http_requests import served
from tests.support.oauth_server import OAuthServer, run_oauth_server


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[OAuthServer]:
    """Run the bot's HTTP server with OAuth."""
    async with run_oauth_server(engine) as server:
        yield server


@pytest.fixture
async def port(engine: Engine) -> AsyncIterator[int]:
    """Serve the bot over HTTP."""
    async with served(engine) as port:
        yield port


@pytest.fixture
def address(port: int) -> str:
    """Return the URL for Slack's requests."""
    return f"http://127.0.0.1:{port}{EVENTS_PATH}"
