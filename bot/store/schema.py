"""The tables, as they are now; each change of them is a migration too.

A team is the workspace the bot is installed in. No table has a column for text that somebody wrote. Each table says
what :mod:`bot.store.forgetting` and :mod:`bot.store.retention` need to know of it, so that none is passed over.
"""

from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import Column, Connection, Float, Integer, MetaData, String, Table
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData()


class Aged(NamedTuple):
    """When the rows of a table go by themselves.

    Attributes:
        column: says how old a row is: a UTC time, a text that begins with an ISO day, or seconds since 1970.
        setting: which setting says after how many days.
    """

    column: str
    setting: str


def about(
    rows: str, *, aged: Aged | None = None, asker: str | None = None, names: str | None = None
) -> dict[str, object]:
    """Describe a table.

    Args:
        rows: what its rows are, in plain words.
        aged: when they go; None where they stay until they are forgotten.
        asker: the column that names who asked for a row which is not about them, and which stays without the name.
        names: the column in whose text a person may be named, who asked for what the row is about.
    """
    return {"rows": rows, "aged": aged, "asker": asker, "names": names}


def _key(*names: str) -> list[Column[str]]:
    """Return the columns that tell a table's rows apart."""
    return [Column(name, String, primary_key=True) for name in names]


optouts = Table(
    "optouts",
    metadata,
    *_key("team", "user"),
    info=about("opt-outs"),
)
"""Who does not want to be judged for others."""

watches = Table(
    "watches",
    metadata,
    *_key("team", "channel"),
    Column("asked_by", String, nullable=False),
    Column("positive", String, nullable=False),
    Column("neutral", String, nullable=False),
    Column("negative", String, nullable=False),
    Column("least_confidence", Float, nullable=False),
    Column("since", Float),
    info=about("watched channels", asker="asked_by"),
)
"""Which channels are watched, at whose wish, and how: an emoji for each label, empty for none."""

feedback = Table(
    "feedback",
    metadata,
    *_key("team", "day", "model", "given", "meant", "language"),
    Column("count", Integer, nullable=False),
    info=about("tallies of feedback", aged=Aged("day", "keep_days")),
)
"""How often people said that a label was right or wrong, by day: neither what about, nor who."""

claims = Table(
    "claims",
    metadata,
    *_key("team", "channel", "ts", "kind"),
    Column("holder", String, nullable=False),
    Column("state", String, nullable=False),
    Column("claimed_at", Float, nullable=False),
    sql.Index("claims_by_age", "claimed_at"),
    info=about("claims: what was done about which message", aged=Aged("claimed_at", "keep_claims_days"), names="kind"),
)
"""What was done about which message, or is being done by the process that holds the claim. Times are Unix seconds."""

processes = Table(
    "processes",
    metadata,
    *_key("id"),
    Column("seen", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("missed_since", Float),
    info=about("processes of the bot"),
)
"""The processes at work on this database: when each was seen last, and until when it counts as alive."""

installations = Table(
    "installations",
    metadata,
    *_key("team"),
    Column("bot", String, nullable=False),
    Column("bot_user", String, nullable=False),
    Column("sealed", String, nullable=False),
    Column("expires_at", Integer),
    Column("installed_at", Integer, nullable=False),
    Column("renewing_until", Integer, nullable=False),
    info=about("installations with their tokens"),
)
"""Where the bot was installed by OAuth: its ids there, its tokens sealed, and times in seconds since 1970."""

spent_states = Table(
    "spent_states",
    metadata,
    *_key("state"),
    Column("expires_at", Integer, nullable=False),
    info=about("states of installations"),
)
"""Hashes of the states with which somebody came back from Slack, for as long as they would be good again."""

counts = Table(
    "counts",
    metadata,
    *_key("team", "channel", "hour", "label", "model"),
    Column("count", Integer, nullable=False),
    info=about("counts of messages", aged=Aged("hour", "keep_days")),
)
"""How many messages of a watched channel a model gave a label, by the hour in UTC, such as 2026-11-24T07."""

people = Table(
    "people",
    metadata,
    *_key("team", "channel", "begins"),
    Column("ends", String, nullable=False),
    Column("count", Integer, nullable=False),
    Column("key", String, nullable=False),
    info=about("numbers of people", aged=Aged("begins", "keep_days")),
)
"""How many different people wrote in a watched channel on a day, which begins and ends with an hour in UTC.

The key is what people are hashed with while the day lasts, and empty when it is over.
"""

writers = Table(
    "writers",
    metadata,
    *_key("team", "channel", "begins", "person"),
    info=about("hashes of who wrote on a day that lasts", aged=Aged("begins", "keep_days")),
)
"""Who was counted on a day that lasts, as keyed hashes."""

digests = Table(
    "digests",
    metadata,
    *_key("team", "channel"),
    Column("asked_by", String, nullable=False),
    Column("every", String, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("zone", String, nullable=False),
    Column("last_posted", Float, nullable=False),
    info=about("digests", asker="asked_by"),
)
"""Where a digest is posted, at whose wish, and when: the seconds since 1970 that the latest one was due."""

alerts = Table(
    "alerts",
    metadata,
    *_key("team", "channel", "user"),
    Column("last_told", String, nullable=False),
    info=about("alerts"),
)
"""Who is told when a channel's mood is far outside its own, and on which day they were told last."""

readings = Table(
    "readings",
    metadata,
    *_key("team", "channel", "user"),
    Column("window", String, nullable=False),
    Column("until", Float, nullable=False),
    Column("zone", String, nullable=False),
    Column("place", String, nullable=False),
    Column("ts", String, nullable=False),
    Column("begun", Float, nullable=False),
    Column("read_to", String, nullable=False),
    Column("counted", String, nullable=False),
    Column("held_until", Float, nullable=False),
    info=about("histories that are being read", aged=Aged("begun", "keep_claims_days")),
)
"""Histories that are being read for a report: which window, where its message stands, how far it is, the counts."""


def insert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - two classes with the same methods
    """Begin an INSERT that can say what to do ``on_conflict_…``, which each database spells for itself."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def where(table: Table, **values: str) -> list[sql.ColumnElement[bool]]:
    """Return the conditions that columns have these values."""
    return [table.c[name] == value for name, value in values.items()]
