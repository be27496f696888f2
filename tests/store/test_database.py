"""Opening, migrating and using databases."""

import asyncio
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy import Connection

from bot.errors import BotError, ConfigurationError
from bot.store import optouts
from bot.store.database import Database, create_engine, migrate, open_database
from bot.store.schema import metadata


async def test_failing_job(database: Database) -> None:
    """If a job of a shared transaction fails, the others are committed."""

    def fail(_: Connection) -> None:
        raise ZeroDivisionError

    jobs = [database.run(optouts.add, "T1", f"U{i}") for i in range(20)]
    results = await asyncio.gather(*jobs[:10], database.run(fail), *jobs[10:], return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [ZeroDivisionError]
    assert await database.run(optouts.opted_out_users, "T1") == {f"U{i}" for i in range(20)}


async def test_closed() -> None:
    """Work for a closed database fails at once, instead of waiting for ever."""
    with open_database("sqlite://") as database:
        pass
    with pytest.raises(BotError, match="closed"):
        await database.run(optouts.opted_out_users, "T1")


async def test_cancelled_jobs_without_a_database(database: Database) -> None:
    """If the database is away and all waiting jobs were cancelled, later jobs still get an error."""
    started, release = threading.Event(), threading.Event()

    def block(_: Connection) -> None:
        started.set()
        release.wait(10)

    first = asyncio.create_task(database.run(block))
    await asyncio.to_thread(started.wait, 10)
    second = asyncio.create_task(database.run(optouts.opted_out_users, "T1"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    database._engine = create_engine("sqlite:////no/such/folder/bot.db")
    release.set()
    await first
    with pytest.raises(BotError):
        await asyncio.wait_for(database.run(optouts.opted_out_users, "T1"), 10)


def test_migrations_create_the_schema(database: Database) -> None:
    """The migrations create the tables and columns of the schema."""

    def columns(connection: Connection) -> dict[str, set[str]]:
        inspector = sql.inspect(connection)
        return {table: {column["name"] for column in inspector.get_columns(table)} for table in metadata.tables}

    expected = {name: {column.name for column in table.columns} for name, table in metadata.tables.items()}
    assert database.run_sync(columns) == expected


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_migrations_keep_rows(url: str, revision: str) -> None:
    """Migrating from any earlier revision keeps every row of every table."""
    samples = {sql.Integer: 1, sql.Float: 1.5, sql.String: "kept", sql.LargeBinary: b"kept"}

    def fill(connection: Connection) -> dict[str, dict[str, object]]:
        migrate(connection, revision)
        old = sql.MetaData()
        old.reflect(connection)
        rows = {
            table.name: {
                column.name: next(value for kind, value in samples.items() if isinstance(column.type, kind))
                for column in table.columns
            }
            for table in old.sorted_tables
            if table.name != "alembic_version"
        }
        for name, row in rows.items():
            connection.execute(sql.insert(old.tables[name]), row)
        return rows

    def read(connection: Connection) -> dict[str, dict[str, object]]:
        return {name: dict(connection.execute(sql.text(f"SELECT * FROM {name}")).mappings().one()) for name in rows}  # noqa: S608 - our own tables

    with closing(Database(create_engine(url))) as database:
        rows = database.run_sync(fill)
        database.run_sync(migrate)
        migrated = database.run_sync(read)
    assert len(rows) >= 3
    assert {name: {column: migrated[name][column] for column in row} for name, row in rows.items()} == rows


def test_reopened(tmp_path: Path) -> None:
    """A database file keeps its data."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        database.run_sync(optouts.add, "T1", "U1")
    with open_database(url) as database:
        assert database.run_sync(optouts.is_opted_out, "T1", "U1")


def test_newer_version(tmp_path: Path) -> None:
    """A database of a newer version is not changed, and the error says so."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        newer = sql.text("UPDATE alembic_version SET version_num='9999'")
        database.run_sync(lambda connection: connection.execute(newer))
    with pytest.raises(BotError, match="newer version"), open_database(url):
        pass


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "postgresql://host:port/name"])
def test_invalid_url(url: str) -> None:
    """The error for an invalid URL has examples."""
    with pytest.raises(ConfigurationError, match=r"sqlite:///sentiment-bot\.db"), open_database(url):
        pass


@pytest.mark.parametrize(
    "url",
    ["sqlite:////no/such/folder/bot.db", "postgresql://user:hunter2@127.0.0.1:1/name"],
    ids=["sqlite", "postgresql"],
)
def test_unreachable(url: str) -> None:
    """The error for an unreachable database is one line without the password."""
    with pytest.raises(BotError) as raised, open_database(url):
        pass
    assert "Check DATABASE_URL" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
