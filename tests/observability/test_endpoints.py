"""`/healthz` and `/metrics`."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import aiohttp

from bot.observability import endpoints
from bot.slack.transport.server import serving
from bot.store import claims
from bot.store.database import open_database


async def no_claims() -> int:
    """Return the number of open claims in an empty database."""
    return 0


async def test_metrics_with_a_locked_database(tmp_path: Path) -> None:
    """While the database does not answer, health is served at once and metrics soon, without the number of claims."""
    with (
        open_database(f"sqlite:///{tmp_path}/bot.db") as database,
        closing(sqlite3.connect(tmp_path / "bot.db")) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        async with (
            serving(endpoints.web_app(None, partial(database.run, claims.count_open)), "127.0.0.1", 0) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
            asyncio.timeout(10),  # the bot itself waits thirty seconds for the database
        ):
            metrics = asyncio.create_task(session.get("/metrics"))
            assert (await session.get("/healthz")).status == 200
            assert not metrics.done()
            assert "bot_claims_open NaN" in await (await metrics).text()
        other.rollback()


async def test_health_without_slack() -> None:
    """The bot is healthy until it has been disconnected from Slack for a minute; then the status is 503."""
    for seconds, status in ((0.0, 200), (59.0, 200), (61.0, 503)):
        async with (
            serving(endpoints.web_app(lambda seconds=seconds: seconds, no_claims), "127.0.0.1", 0) as port,  # type: ignore[misc] # mypy cannot infer the type of a lambda's default
            aiohttp.ClientSession() as session,
        ):
            assert (await session.get(f"http://127.0.0.1:{port}/healthz")).status == status
