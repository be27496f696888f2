"""A copy of what a dry run has to know."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection, Table

from bot.store.database import IN_MEMORY, Database, connect_database, create_engine, missing_file
from bot.store.schema import optouts, watches

_Rows = Mapping[Table, Sequence[Mapping[str, Any]]]


@asynccontextmanager
async def open_snapshot(url: str) -> AsyncIterator[Database]:
    """Open a database in memory with the opt-outs and watched channels of the one at ``url``, which stays as it is.

    Raises:
        ConfigurationError: the URL is invalid, or its driver is not installed.
        BotError: the database cannot be reached.
    """
    rows: _Rows = {}
    if not missing_file(url):
        with closing(Database(create_engine(url, read_only=True))) as source:
            rows = await source.run(_read)
    async with connect_database(IN_MEMORY) as database:
        await database.run(_write, rows)
        yield database


def _read(connection: Connection) -> _Rows:
    tables = [table for table in (optouts, watches) if sql.inspect(connection).has_table(table.name)]
    return {table: [dict(row) for row in connection.execute(sql.select(table)).mappings()] for table in tables}


def _write(connection: Connection, rows: _Rows) -> None:
    for table, copied in rows.items():
        if copied:
            connection.execute(sql.insert(table), list(copied))
