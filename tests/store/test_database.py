"""What is remembered, in each database that the bot may run on."""

import asyncio
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy import Connection

from bot.errors import BotError, ConfigurationError
from bot.store import feedback, optouts
from bot.store.channels import watches
from bot.store.channels.watches import Watch
from bot.store.database import Database, create_engine, migrate, open_database
from bot.store.feedback import FeedbackCount
from bot.store.schema import metadata


async def test_optouts(database: Database) -> None:
    """Who opts out, twice even, is out in that workspace alone, until they opt in."""
    for _ in range(2):
        await database.run(optouts.add, "T1", "U1")
    assert await database.run(optouts.is_opted_out, "T1", "U1")
    assert not await database.run(optouts.is_opted_out, "T2", "U1")
    await database.run(optouts.remove, "T1", "U1")
    assert not await database.run(optouts.is_opted_out, "T1", "U1")


async def test_watches(database: Database) -> None:
    """A channel is watched once, as it was first asked for until that is changed, and in its workspace alone."""
    first = Watch("U1")
    assert await database.run(watches.add, "T1", "C1", first)
    assert not await database.run(watches.add, "T1", "C1", Watch("U2"))
    assert await database.run(watches.get, "T1", "C1") == first
    changed = Watch("U1", positive="tada", neutral="", least_confidence=0.75)
    changes = {"positive": "tada", "neutral": "", "least_confidence": 0.75}
    assert await database.run(watches.update, "T1", "C1", changes) == changed
    assert await database.run(watches.find_for_message, "T1", "C1", "U9") == changed
    assert await database.run(watches.find_for_message, "T2", "C1", "U9") is None
    assert await database.run(watches.watched_channels, "T1") == {"C1"}
    assert await database.run(watches.remove, "T1", "C1")
    assert not await database.run(watches.remove, "T1", "C1")
    assert await database.run(watches.update, "T1", "C1", changes) is None


async def test_who_opted_out_is_not_watched(database: Database) -> None:
    """One question to the database tells both."""
    await database.run(watches.add, "T1", "C1", Watch("U1"))
    await database.run(optouts.add, "T1", "U2")
    assert await database.run(watches.find_for_message, "T1", "C1", "U1") is not None
    assert await database.run(watches.find_for_message, "T1", "C1", "U2") is None


async def test_feedback(database: Database) -> None:
    """Tallies of days and workspaces add up, the most frequent first."""
    rare, often = FeedbackCount("m", "POSITIVE", "NEUTRAL", "Korean"), FeedbackCount("m", "POSITIVE", "POSITIVE", "")
    await database.run(feedback.add, "T1", date(2026, 11, 1), rare)
    for team, day in (("T1", 1), ("T1", 1), ("T2", 2)):
        await database.run(feedback.add, team, date(2026, 11, day), often)
    kept = await database.run(feedback.totals)
    assert [(tally.language, tally.count) for tally in kept] == [("", 3), ("Korean", 1)]


async def test_a_work_that_fails_harms_no_other(database: Database) -> None:
    """Works of one moment share a transaction; where one fails, the others are done all the same."""

    def fail(_: Connection) -> None:
        raise ZeroDivisionError

    works = [database.run(optouts.add, "T1", f"U{i}") for i in range(20)]
    done = await asyncio.gather(*works[:10], database.run(fail), *works[10:], return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [ZeroDivisionError]
    assert all([await database.run(optouts.is_opted_out, "T1", f"U{i}") for i in range(20)])


def test_the_tables_are_those_of_the_migrations(database: Database) -> None:
    """What the migrations make is what the code expects, column by column."""

    def columns(connection: Connection) -> dict[str, set[str]]:
        inspector = sql.inspect(connection)
        return {table: {column["name"] for column in inspector.get_columns(table)} for table in metadata.tables}

    assert database.run_sync(columns) == {name: {*table.columns.keys()} for name, table in metadata.tables.items()}


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_an_older_database_keeps_what_it_has(url: str, version: str) -> None:
    """From each earlier version of the tables, every row of every table is there after the bot has started."""
    samples = {sql.Integer: 1, sql.Float: 1.5, sql.String: "kept", sql.LargeBinary: b"kept"}

    def fill(connection: Connection) -> dict[str, dict[str, object]]:
        migrate(connection, version)
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

    def kept(connection: Connection) -> dict[str, dict[str, object]]:
        return {name: dict(connection.execute(sql.text(f"SELECT * FROM {name}")).mappings().one()) for name in rows}  # noqa: S608 - our own tables

    with closing(Database(create_engine(url))) as database:
        rows = database.run_sync(fill)
        database.run_sync(migrate)
        now = database.run_sync(kept)
    assert len(rows) >= 3
    assert {name: {column: now[name][column] for column in row} for name, row in rows.items()} == rows


def test_opened_again_it_has_what_it_had(tmp_path: Path) -> None:
    """A restart forgets nothing."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        database.run_sync(optouts.add, "T1", "U1")
    with open_database(url) as database:
        assert database.run_sync(optouts.is_opted_out, "T1", "U1")


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    """It is left alone, with a line that says so."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        newer = sql.text("UPDATE alembic_version SET version_num='9999'")
        database.run_sync(lambda connection: connection.execute(newer))
    with pytest.raises(BotError, match="newer version"), open_database(url):
        pass


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "postgresql://host:port/name"])
def test_an_address_that_is_none(url: str) -> None:
    """It is told with examples of addresses."""
    with pytest.raises(ConfigurationError, match=r"sqlite:///sentiment-bot\.db"), open_database(url):
        pass


@pytest.mark.parametrize(
    "url",
    ["sqlite:////no/such/folder/bot.db", "postgresql://user:hunter2@127.0.0.1:1/name"],
    ids=["sqlite", "postgresql"],
)
def test_a_database_out_of_reach(url: str) -> None:
    """It is told in one line, without the password."""
    with pytest.raises(BotError) as told, open_database(url):
        pass
    assert "Check DATABASE_URL" in str(told.value)
    assert "\n" not in str(told.value)
    assert "hunter2" not in str(told.value)
