"""The current tables. Each change needs a migration too.

A team is the workspace in which the bot is installed. No table has a column for message text. The ``info`` of each
table tells :mod:`bot.store.deletion` and :mod:`bot.store.retention` how to treat its rows.
"""

from typing import NamedTuple

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, false

from bot.store.columns import key, required

metadata = MetaData()


class Expiry(NamedTuple):
    """When the rows of a table are deleted automatically."""

    column: str  # of a row's age: a string that starts with an ISO date, or Unix seconds
    setting: str  # that gives the number of days


def table_info(
    description: str, *, expiry: Expiry | None = None, requester: str | None = None, mention: str | None = None
) -> dict[str, object]:
    """Describe a table: what its rows are, in the plural, and when they are deleted automatically.

    Deleting a user empties the column ``requester``, where a user requested a row that is not about them, and deletes
    the rows in whose column ``mention`` the user's id is.
    """
    return {"description": description, "expiry": expiry, "requester": requester, "mention": mention}


optouts = Table("optouts", metadata, *key("team", "user"), info=table_info("opt-outs"))
"""Users whose messages are analysed for nobody but themselves."""

watches = Table(
    "watches",
    metadata,
    *key("team", "channel"),
    *required(asked_by=String, positive=String, neutral=String, negative=String, least_confidence=Float),
    Column("since", Float),
    info=table_info("watched channels", requester="asked_by"),
)
"""Watched channels: who requested it, and the emoji for each label (empty for none)."""

feedback = Table(
    "feedback",
    metadata,
    *key("team", "day", "model", "given", "meant", "language"),
    *required(count=Integer),
    info=table_info("feedback counts", expiry=Expiry("day", "keep_days")),
)
"""How often users confirmed or corrected a label, by day; neither the message nor the user is stored."""

claims = Table(
    "claims",
    metadata,
    *key("team", "channel", "ts", "kind"),
    *required(holder=String, state=String, claimed_at=Float),
    Index("claims_by_age", "claimed_at"),
    info=table_info("claims on messages", expiry=Expiry("claimed_at", "keep_claims_days"), mention="kind"),
)
"""What was done about which message, or is being done by the process ``holder``. Times are Unix seconds."""

processes = Table(
    "processes",
    metadata,
    *key("id"),
    *required(seen=Float, until=Float),
    Column("missed_since", Float),
    info=table_info("bot processes"),
)
"""Processes that use this database: their last heartbeat, and until when it is valid. Times are Unix seconds."""

installations = Table(
    "installations",
    metadata,
    *key("team"),
    *required(bot=String, bot_user=String, sealed=String, installed_at=Integer, renewing_until=Integer),
    Column("expires_at", Integer),
    Column("scopes", String),
    Column("is_organization", Boolean, nullable=False, server_default=false()),
    info=table_info("installations with their tokens"),
)
"""OAuth installations: the bot's ids, the granted scopes, and its tokens, encrypted. Times are Unix seconds.

``team`` is an organization if the bot is installed for all of it; its workspaces are in ``granted_workspaces``. The
scopes, with a comma between them, are NULL if they are unknown.
"""

granted_workspaces = Table(
    "granted_workspaces",
    metadata,
    *key("workspace"),
    *required(organization=String),
    info=table_info("workspaces that an organization has granted"),
)
"""Workspaces in which an organization lets the bot work."""

spent_states = Table(
    "spent_states", metadata, *key("state"), *required(expires_at=Integer), info=table_info("used OAuth states")
)
"""Hashes of OAuth states that were used, until the states expire."""

counts = Table(
    "counts",
    metadata,
    *key("team", "channel", "hour", "label", "model"),
    *required(count=Integer),
    info=table_info("message counts", expiry=Expiry("hour", "keep_days")),
)
"""Messages of watched channels by label and UTC hour, such as 2026-11-24T07."""

people = Table(
    "people",
    metadata,
    *key("team", "channel", "begins"),
    *required(ends=String, count=Integer, key=String),
    info=table_info("daily author counts", expiry=Expiry("begins", "keep_days")),
)
"""How many users wrote in a watched channel on a day, which begins and ends at a UTC hour.

``key`` is the key of the hashes in ``writers``; it is empty once the day is over.
"""

writers = Table(
    "writers",
    metadata,
    *key("team", "channel", "begins", "person"),
    info=table_info("hashes of today's authors", expiry=Expiry("begins", "keep_days")),
)
"""Users who wrote on a day that is not over, as keyed hashes."""

digests = Table(
    "digests",
    metadata,
    *key("team", "channel"),
    *required(asked_by=String, every=String, hour=Integer, zone=String, last_posted=Float),
    info=table_info("digests", requester="asked_by"),
)
"""Channels that get a digest: who requested it, and when the latest one was due, in Unix seconds."""

alerts = Table(
    "alerts",
    metadata,
    *key("team", "channel", "user"),
    *required(last_told=String),
    info=table_info("alert subscriptions"),
)
"""Users who are alerted to an unusual mood of a channel, and the date of their last alert (ISO, or empty)."""

readings = Table(
    "readings",
    metadata,
    *key("team", "channel", "user"),
    *required(window=String, until=Float),
    Column("zone", String, nullable=False, key="timezone"),
    Column("place", String, nullable=False, key="reply_channel"),
    Column("ts", String, nullable=False, key="reply_ts"),
    Column("begun", Float, nullable=False, key="started_at"),
    *required(read_to=String),
    Column("counted", String, nullable=False, key="counts"),
    Column("held_until", Float, nullable=False, key="lease_until"),
    info=table_info("history reads in progress", expiry=Expiry("started_at", "keep_claims_days")),
)
"""Channel histories that are being read for a report: see :class:`bot.store.channels.history_reads.HistoryRead`."""

webhooks = Table(
    "webhooks",
    metadata,
    *key("id"),
    *required(team=String, channel=String, sealed=String, created_by=String),
    info=table_info("webhooks", requester="created_by"),
)
"""Addresses that events of a channel are sent to: URL and secret, encrypted if there is a key, and who added them."""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    *key("webhook", "id"),
    *required(team=String, channel=String, payload=String, created_at=Float, due_at=Float, attempts=Integer),
    Column("finished_at", Float),
    Index("webhook_deliveries_by_time", "finished_at", "due_at"),
    info=table_info("webhook deliveries", expiry=Expiry("finished_at", "keep_claims_days")),
)
"""Events for webhooks; ``finished_at`` is NULL until one is delivered or given up, and its payload then empty."""

routes = Table(
    "routes",
    metadata,
    *key("team", "channel", "id"),
    *required(asked_by=String, asked_at=Float, condition=String, least_confidence=Float),
    *required(target_kind=String, target=String, host=String),
    *required(quiet_from=String, quiet_until=String, zone=String, last_sent=Float),
    Column("since", Float),
    info=table_info("routing rules", requester="asked_by"),
)
"""Where messages of watched channels are routed: see :class:`bot.store.channels.routes.Route`."""

route_matches = Table(
    "route_matches",
    metadata,
    *key("team", "channel", "route", "ts"),
    *required(matched_at=Float, batch=String),
    Column("score", Float),
    Column("finished_at", Float),
    info=table_info("routed messages", expiry=Expiry("matched_at", "keep_days")),
)
"""Messages that met a rule, by their timestamps. ``batch`` is empty until they are about to be routed together.

``score`` is NULL once ``finished_at`` is not. Times are Unix seconds.
"""

recent_labels = Table(
    "recent_labels",
    metadata,
    *key("team", "channel", "ts"),
    *required(negative=Boolean, written_at=Float),
    info=table_info("labels of the last messages", expiry=Expiry("written_at", "keep_claims_days")),
)
"""Whether the last messages of a channel read negative, where a rule needs that; only the newest are kept."""
