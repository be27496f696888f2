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

claims = Table(
    "claims",
    metadata,
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("ts", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("state", String, nullable=False),
    Column("claimed_at", Float, nullable=False),
    sql.Index("claims_by_age", "claimed_at"),
)
"""What was done about which message, or is being done by the process that holds the claim. Times are Unix seconds."""

processes = Table(
    "processes",
    metadata,
    Column("id", String, primary_key=True),
    Column("seen", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("missed_since", Float),
)
"""The processes at work on this database: when each was seen last, and until when it counts as alive."""


def insert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - two classes with the same methods
    """Begin an INSERT that can say what to do ``on_conflict_…``, which each database spells for itself."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def where(table: Table, **values: str) -> list[sql.ColumnElement[bool]]:
    """Return the conditions that columns have these values."""
    return [table.c[name] == value for name, value in values.items()]
