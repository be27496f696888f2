"""Statements with ON CONFLICT, for SQLite and PostgreSQL alike."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


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
    connection.execute(row.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changes))


def _insert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - two classes with the same methods
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
