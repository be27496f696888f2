"""Fixtures for tests of the transport."""

from collections.abc import AsyncIterator

import pytest

from bot.sentiment.engine.engine import Engine
from tests.support.oauth_server import OAuthServer, run_oauth_server


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[OAuthServer]:
    """Run the bot's HTTP server with OAuth."""
    async with run_oauth_server(engine) as server:
        yield server
