"""``/healthz`` and ``/metrics``."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from bot.observability import endpoints
from bot.slack.transport.server import serve
from bot.store import claims
from bot.store.database import open_database


async def no_claims() -> int:
    """Return the number of open claims of an empty database."""
    return 0


@asynccontextmanager
async def served(
    disconnected_for: Callable[[], float], count_open_claims: Callable[[], Awaitable[int]]
) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve the endpoints; yield a client."""
    async with (
        serve(endpoints.web_app(disconnected_for, count_open_claims), "127.0.0.1", 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        yield session


@pytest.mark.parametrize(("seconds", "status"), [(0.0, 200), (59.0, 200), (61.0, 503)])
async def test_health_without_slack(seconds: float, status: int) -> None:
    """The bot is unhealthy after a minute without a connection to Slack, and says for how long."""
    async with served(lambda: seconds, no_claims) as session, session.get("/healthz") as response:
        assert response.status == status
        assert (f"{seconds:.0f} s" in await response.text()) is (status == 503)


async def test_metrics() -> None:
    """Metrics are served in Prometheus' text format, and nothing else is served."""
    async with served(lambda: 0.0, no_claims) as session:
        async with session.get("/metrics") as response:
            assert response.content_type == "text/plain"
            assert "bot_claims_open 0.0" in await response.text()
            assert "Server" not in response.headers
        assert (await session.get("/")).status == 404


async def test_metrics_without_a_database(tmp_path: Path) -> None:
    """While the database does not answer, health is served at once, and metrics soon, without the open claims."""
    with (
        open_database(f"sqlite:///{tmp_path}/bot.db") as database,
        closing(sqlite3.connect(tmp_path / "bot.db")) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        async with (
            served(lambda: 0.0, partial(database.run, claims.count_open)) as session,
            asyncio.timeout(10),  # the bot waits for the database for thirty seconds
        ):
            metrics = asyncio.create_task(session.get("/metrics"))
            assert (await session.get("/healthz")).status == 200
            assert not metrics.done()
            assert "bot_claims_open NaN" in await (await metrics).text()
        other.rollback()
