"""Statements that several modules need, for SQLite and PostgreSQL alike."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def where(table: Table, **values: str) -> list[sql.ColumnElement[bool]]:
    """Return the conditions that columns have these values."""
    return [table.c[name] == value for name, value in values.items()]


def insert_if_absent(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row; return False if there is one with the same key already."""
    row = _insert(connection, table).values(values)
    returning = row.on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(returning).first() is not None


def upsert(
    connection: Connection, table: Table, values: Mapping[str, object], changes: Mapping[str, object] | None = None
) -> None:
    """Insert a row; if there is one with the same key, set ``changes`` (by default all other values) in that."""
    if changes is None:
        changes = {name: value for name, value in values.items() if name not in table.primary_key.columns}
    row = _insert(connection, table).values(values)
    key = list(table.primary_key.columns)
    connection.execute(row.on_conflict_do_update(index_elements=key, set_=changes))


def exists(connection: Connection, table: Table, **values: str) -> bool:
    """Return whether there is a row with these values."""
    return connection.execute(sql.select(table).where(*where(table, **values)).limit(1)).first() is not None


def delete(connection: Connection, table: Table, **values: str) -> int:
    """Delete the rows with these values; return how many there were."""
    return connection.execute(sql.delete(table).where(*where(table, **values))).rowcount


def _insert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - two classes with the same methods
    """Return the INSERT of the database's dialect, which supports ON CONFLICT."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
