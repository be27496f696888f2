"""The tables, as they are now; each change of them is a migration too.

A team is the workspace the bot is installed in. No table has a column for text that somebody wrote.
"""

from typing import Any

import sqlalchemy as sql
from sqlalchemy import Column, Connection, Float, Integer, MetaData, String, Table
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData()

optouts = Table(
    "optouts",
    metadata,
    Column("team", String, primary_key=True),
    Column("user", String, primary_key=True),
)
"""Who does not want to be judged for others."""

watches = Table(
    "watches",
    metadata,
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("asked_by", String, nullable=False),
    Column("positive", String, nullable=False),
    Column("neutral", String, nullable=False),
    Column("negative", String, nullable=False),
    Column("least_confidence", Float, nullable=False),
)
"""Which channels are watched, at whose wish, and how: an emoji for each label, empty for none."""

feedback = Table(
    "feedback",
    metadata,
    Column("team", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("given", String, primary_key=True),
    Column("meant", String, primary_key=True),
    Column("language", String, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often people said that a label was right or wrong, by day: neither what about, nor who."""


def insert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - two classes with the same methods
    """Begin an INSERT that can say what to do ``on_conflict_…``, which each database spells for itself."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def where(table: Table, **values: str) -> list[sql.ColumnElement[bool]]:
    """Return the conditions that columns have these values."""
    return [table.c[name] == value for name, value in values.items()]
