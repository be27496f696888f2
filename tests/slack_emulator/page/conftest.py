"""Fixtures for the tests of the page."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from slack_emulator import Server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """Return an HTTP client with the control token."""
    async with aiohttp.ClientSession(server.url, headers={"X-Control-Token": server.control_token}) as session:
        yield session
