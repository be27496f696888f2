"""The current tables. Each change needs a migration too.

A team is the workspace in which the bot is installed. No table has a column for message text. The ``info`` of each
table tells :mod:`bot.store.deletion` and :mod:`bot.store.retention` how to treat its rows.
"""

from typing import Any, NamedTuple

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table
from sqlalchemy.types import TypeEngine

metadata = MetaData()


class Expiry(NamedTuple):
    """When the rows of a table are deleted automatically."""

    column: str  # of a row's age: a string that starts with an ISO date, or Unix seconds
    setting: str  # that gives the number of days


def table_info(
    description: str, *, expiry: Expiry | None = None, requester: str | None = None, mention: str | None = None
) -> dict[str, object]:
    """Describe how a table is treated.

    Args:
        description: what its rows are, in the plural; ``sentiment-bot forget`` prints it.
        expiry: when rows are deleted; None if they are kept until somebody deletes them.
        requester: the column with the user who requested a row that is not about them. Deleting the user empties it.
        mention: the column whose text may contain a user's id. Deleting the user deletes the row.
    """
    return {"description": description, "expiry": expiry, "requester": requester, "mention": mention}


def _key(*names: str) -> list[Column[str]]:
    """Return the columns of a primary key."""
    return [Column(name, String, primary_key=True) for name in names]


def _columns(**kinds: type[TypeEngine[Any]]) -> list[Column[Any]]:
    """Return NOT NULL columns of these types."""
    return [Column(name, kind, nullable=False) for name, kind in kinds.items()]


optouts = Table("optouts", metadata, *_key("team", "user"), info=table_info("opt-outs"))
"""Users whose messages are analysed for nobody but themselves."""

watches = Table(
    "watches",
    metadata,
    *_key("team", "channel"),
    *_columns(asked_by=String, positive=String, neutral=String, negative=String, least_confidence=Float),
    Column("since", Float),
    info=table_info("watched channels", requester="asked_by"),
)
"""Watched channels: who requested it, and the emoji for each label (empty for none)."""

feedback = Table(
    "feedback",
    metadata,
    *_key("team", "day", "model", "given", "meant", "language"),
    *_columns(count=Integer),
    info=table_info("feedback counts", expiry=Expiry("day", "keep_days")),
)
"""How often users confirmed or corrected a label, by day; neither the message nor the user is stored."""

claims = Table(
    "claims",
    metadata,
    *_key("team", "channel", "ts", "kind"),
    *_columns(holder=String, state=String, claimed_at=Float),
    Index("claims_by_age", "claimed_at"),
    info=table_info("claims on messages", expiry=Expiry("claimed_at", "keep_claims_days"), mention="kind"),
)
"""What was done about which message, or is being done by the process ``holder``. Times are Unix seconds."""

processes = Table(
    "processes",
    metadata,
    *_key("id"),
    *_columns(seen=Float, until=Float),
    Column("missed_since", Float),
    info=table_info("bot processes"),
)
"""Processes that use this database: their last heartbeat, and until when it is valid. Times are Unix seconds."""

installations = Table(
    "installations",
    metadata,
    *_key("team"),
    *_columns(bot=String, bot_user=String, sealed=String, installed_at=Integer, renewing_until=Integer),
    Column("expires_at", Integer),
    info=table_info("installations with their tokens"),
)
"""OAuth installations: the bot's ids in a workspace, and its tokens, encrypted. Times are Unix seconds."""

spent_states = Table(
    "spent_states", metadata, *_key("state"), *_columns(expires_at=Integer), info=table_info("used OAuth states")
)
"""Hashes of OAuth states that were used, until the states expire."""

counts = Table(
    "counts",
    metadata,
    *_key("team", "channel", "hour", "label", "model"),
    *_columns(count=Integer),
    info=table_info("message counts", expiry=Expiry("hour", "keep_days")),
)
"""Messages of watched channels by label and UTC hour, such as 2026-11-24T07."""

people = Table(
    "people",
    metadata,
    *_key("team", "channel", "begins"),
    *_columns(ends=String, count=Integer, key=String),
    info=table_info("daily author counts", expiry=Expiry("begins", "keep_days")),
)
"""How many users wrote in a watched channel on a day, which begins and ends at a UTC hour.

``key`` is the key of the hashes in ``writers``; it is empty once the day is over.
"""

writers = Table(
    "writers",
    metadata,
    *_key("team", "channel", "begins", "person"),
    info=table_info("hashes of today's authors", expiry=Expiry("begins", "keep_days")),
)
"""Users who wrote on a day that is not over, as keyed hashes."""

digests = Table(
    "digests",
    metadata,
    *_key("team", "channel"),
    *_columns(asked_by=String, every=String, hour=Integer, zone=String, last_posted=Float),
    info=table_info("digests", requester="asked_by"),
)
"""Channels that get a digest: who requested it, and when the latest one was due, in Unix seconds."""

alerts = Table(
    "alerts",
    metadata,
    *_key("team", "channel", "user"),
    *_columns(last_told=String),
    info=table_info("alert subscriptions"),
)
"""Users who are alerted to an unusual mood of a channel, and the date of their last alert (ISO, or empty)."""

readings = Table(
    "readings",
    metadata,
    *_key("team", "channel", "user"),
    *_columns(window=String, until=Float),
    Column("zone", String, nullable=False, key="timezone"),
    Column("place", String, nullable=False, key="reply_channel"),
    Column("ts", String, nullable=False, key="reply_ts"),
    Column("begun", Float, nullable=False, key="started_at"),
    *_columns(read_to=String),
    Column("counted", String, nullable=False, key="counts"),
    Column("held_until", Float, nullable=False, key="lease_until"),
    info=table_info("history reads in progress", expiry=Expiry("started_at", "keep_claims_days")),
)
"""Channel histories that are being read for a report: see :class:`bot.store.channels.history_reads.HistoryRead`."""
