"""A database that does not answer: callers get an error in time, and nothing waits for ever."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot.errors import BotError
from bot.store import database as database_module
from bot.store import monitor, optouts
from bot.store.database import open_database
from tests.support.database_proxy import database_proxy
from tests.support.processes import poll


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide the timeouts by about five, since these tests wait for them."""
    for module, name, seconds in (
        (database_module, "_LOCK_SECONDS", 2),
        (database_module, "_STATEMENT_SECONDS", 2),
        (monitor, "_SLOW_SECONDS", 1.0),
        (monitor, "_SILENT_SECONDS", 2.5),
        (monitor, "_RECOVERY_SECONDS", 5.0),
        (monitor, "_CHECK_SECONDS", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setitem(database_module._POSTGRESQL_OPTIONS, "connect_timeout", 2)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_silent_database(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """If the database goes silent, each caller gets an error in time and the log has a line; later it works again."""
    async with database_proxy(url) as (through, proxy):
        opened = open_database(through)
        database = await asyncio.to_thread(opened.__enter__)
        await database.run(optouts.add, "T1", "U1")
        assert database.monitor.available
        proxy.silent = True
        started = time.monotonic()
        jobs = [asyncio.create_task(database.run(optouts.opted_out_users, "T1")) for _ in range(20)]
        await poll(lambda: not database.monitor.available)
        results = await asyncio.gather(*jobs, return_exceptions=True)
        assert {type(result) for result in results} == {BotError}
        # A wait for the connection, and two for new ones if the jobs are two batches.
        assert time.monotonic() - started < 15
        assert caplog.text.count("The database does not answer") == 1
        proxy.silent = False
        assert await database.run(optouts.opted_out_users, "T1") == {"U1"}
        await asyncio.to_thread(opened.__exit__, None, None, None)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Hold a lock on the table of opt-outs inside the block."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE optouts IN ACCESS EXCLUSIVE MODE")
            yield


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
async def test_locked_table(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """All callers that wait for a lock get an error in time, and the log has a line."""
    with open_database(url) as database:
        with locked(url):
            started = time.monotonic()
            jobs = [database.run(optouts.add, "T1", f"U{i}") for i in range(50)]
            results = await asyncio.gather(*jobs, return_exceptions=True)
            assert {type(result) for result in results} == {BotError}
            assert time.monotonic() - started < 9
            assert not database.monitor.available
        assert "The database does not answer: The database cannot be used (" in caplog.text
        await database.run(optouts.add, "T1", "U1")


async def test_full_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk is named in the log and in the error."""
    with open_database(f"sqlite:///{tmp_path}/bot.db") as database:
        database.run_sync(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1").all())
        jobs = [database.run(optouts.add, "T1", f"{i}" * 500) for i in range(1_000)]
        errors = [result for result in await asyncio.gather(*jobs, return_exceptions=True) if result]
    assert {str(error) for error in errors} == {
        "The database cannot be used (database or disk is full). Check DATABASE_URL."
    }
    assert "The database does not answer: The database cannot be used (database or disk is full)" in caplog.text
