"""Claims on effects, so that nothing is done twice and nothing is left half done.

Slack may deliver the same message several times: as a retry, and as both ``app_mention`` and ``message``. Several
processes may share one database. A process claims an effect before it acts, and completes the claim afterwards. If a
claim exists, another process has done it or is doing it. If that process is dead, only Slack shows whether it was done.
"""

from enum import Enum
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection, String

from bot.store.schema import claims, processes

_HELD, _ATTEMPTED, _DONE = "held", "begun", "done"


class Effect(NamedTuple):
    """Something the bot does about a message; ``kind`` says what."""

    team: str
    channel: str
    ts: str
    kind: str


class ClaimResult(Enum):
    """The state in which an effect was when it was claimed."""

    FIRST = "first"  # nobody had claimed it
    ABANDONED = "abandoned"  # a dead process had claimed it, and may have done it
    ATTEMPTED = "attempted"  # a dead process had claimed and attempted it, and has probably done it


def take(
    connection: Connection, effect: Effect, holder: str, now: float, requested_at: float | None = None
) -> ClaimResult | None:
    """Claim an effect for the process ``holder``.

    Returns the state of the effect; None if it is done, or another process holds the claim. For effects that can be
    requested repeatedly, ``requested_at`` is the time of the request: a completed claim of an earlier request does not
    count. Nor is an effect claimed that another workspace of the same organization has claimed, since one installation
    serves both. Times are Unix seconds.
    """
    _lock(connection, effect)
    claim = {"holder": holder, "state": _HELD, "claimed_at": now if requested_at is None else requested_at}
    if connection.execute(_INSERT, {**effect._asdict(), **claim}).first():
        return ClaimResult.FIRST
    found = connection.execute(sql.select(claims).filter_by(**effect._asdict()).with_for_update()).first()
    if found is None:  # another workspace of the organization has claimed it
        return None
    alive = sql.select(processes.c.id).where(processes.c.id == found.holder, processes.c.until > now)
    repeated = found.state == _DONE and requested_at is not None and found.claimed_at < requested_at
    abandoned = found.state != _DONE and found.holder != holder and connection.execute(alive).first() is None
    if not (repeated or abandoned):
        return None
    connection.execute(sql.update(claims).filter_by(**effect._asdict()).values(claim))
    if repeated:
        return ClaimResult.FIRST
    return ClaimResult.ATTEMPTED if found.state == _ATTEMPTED else ClaimResult.ABANDONED


def mark_attempted(connection: Connection, effect: Effect, *, attempted: bool = True) -> None:
    """Record that an effect may have happened, for effects that cannot be looked up; or that it has not, after all."""
    connection.execute(_UPDATE, {**effect._asdict(), "state": _ATTEMPTED if attempted else _HELD})


def complete(connection: Connection, effect: Effect) -> None:
    """Complete a claim: the effect has happened, or never will."""
    connection.execute(_UPDATE, {**effect._asdict(), "state": _DONE})


def release(connection: Connection, effect: Effect) -> None:
    """Delete a claim whose effect could not be achieved, so that it can be claimed again."""
    connection.execute(sql.delete(claims).filter_by(**effect._asdict()))


def claim_and_complete(connection: Connection, effect: Effect, now: float) -> bool:
    """Claim an effect that happens in the same transaction; return False if it happened before."""
    _lock(connection, effect)
    row = {**effect._asdict(), "holder": "", "state": _DONE, "claimed_at": now}
    return connection.execute(_INSERT, row).first() is not None


def _lock(connection: Connection, effect: Effect) -> None:
    """Let the workspaces of an organization claim an effect one after the other, until the transaction ends.

    No constraint covers the rows of several workspaces. SQLite has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, effect._asdict())


def is_done(connection: Connection, effect: Effect) -> bool:
    """Return whether the claim of an effect is completed, perhaps by another workspace of the same organization."""
    return _DONE in connection.scalars(_STATES, effect._asdict())


def count_open(connection: Connection) -> int:
    """Return the number of claims that are not completed."""
    return connection.scalar(sql.select(sql.func.count()).where(claims.c.state != _DONE)) or 0


def last_by_channel(connection: Connection, team: str) -> dict[str, float]:
    """Return when something was last claimed in each channel of a workspace, in Unix seconds."""
    latest = sql.select(claims.c.channel, sql.func.max(claims.c.claimed_at).label("at")).filter_by(team=team)
    return {row.channel: row.at for row in connection.execute(latest.group_by(claims.c.channel))}


# As text, because they run for every message and SQLAlchemy's expressions take several times as long to build.
_OF_OTHER_WORKSPACES = (
    "SELECT claims.state FROM granted_workspaces AS own "
    "JOIN granted_workspaces AS other ON other.organization = own.organization AND other.workspace <> own.workspace "
    "JOIN claims ON claims.team = other.workspace "
    "WHERE own.workspace = :team AND claims.channel = :channel AND claims.ts = :ts AND claims.kind = :kind"
)
_INSERT = sql.text(
    "INSERT INTO claims (team, channel, ts, kind, holder, state, claimed_at) "
    "SELECT :team, :channel, :ts, :kind, :holder, :state, :claimed_at "
    f"WHERE NOT EXISTS ({_OF_OTHER_WORKSPACES}) ON CONFLICT DO NOTHING RETURNING ts"
).bindparams(*(sql.bindparam(name, type_=String) for name in ("team", "channel", "ts", "kind")))
_LOCK = sql.text(
    "SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', organization, :channel, :ts, :kind), 0)) "
    "FROM granted_workspaces WHERE workspace = :team"
).bindparams(*(sql.bindparam(name, type_=String) for name in ("team", "channel", "ts", "kind")))
_UPDATE = sql.text(
    "UPDATE claims SET state = :state WHERE team = :team AND channel = :channel AND ts = :ts AND kind = :kind"
)
_STATES = sql.text(
    f"{_OF_OTHER_WORKSPACES} UNION ALL "  # noqa: S608 - of constants
    "SELECT state FROM claims WHERE team = :team AND channel = :channel AND ts = :ts AND kind = :kind"
)
