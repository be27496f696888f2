"""Digests of channels: when they are posted, and when the latest one was."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import digests
from bot.store.statements import upsert

DEFAULT_TIMEZONE = "UTC"
"""The time zone of a channel for which nobody has set one."""


@dataclass(frozen=True, slots=True)
class Digest:
    """When a channel gets a digest, and the channel's time zone, which also divides the counted days."""

    asked_by: str
    every: str  # daily, weekly, or off if only the time zone is set
    hour: int  # 0 to 23
    zone: str  # IANA


@dataclass(frozen=True, slots=True)
class ScheduledDigest:
    """A channel's digest, and when the latest one was due, in Unix seconds."""

    team: str
    channel: str
    digest: Digest
    last_posted: float


def save(connection: Connection, team: str, channel: str, digest: Digest, now: float) -> None:
    """Set when a channel gets digests from now on."""
    upsert(connection, digests, {"team": team, "channel": channel, **asdict(digest), "last_posted": now})


def get(connection: Connection, team: str, channel: str) -> Digest | None:
    """Return when a channel gets digests; None if nobody has ever set it."""
    row = connection.execute(sql.select(digests).filter_by(team=team, channel=channel)).first()
    return Digest(row.asked_by, row.every, row.hour, row.zone) if row else None


def timezone_of(connection: Connection, team: str, channel: str) -> str:
    """Return a channel's time zone."""
    zone = connection.scalar(sql.select(digests.c.zone).filter_by(team=team, channel=channel))
    return zone or DEFAULT_TIMEZONE


def scheduled(connection: Connection) -> Sequence[ScheduledDigest]:
    """Return the digests of all channels that get any."""
    rows = connection.execute(sql.select(digests).where(digests.c.every != "off"))
    return [
        ScheduledDigest(row.team, row.channel, Digest(row.asked_by, row.every, row.hour, row.zone), row.last_posted)
        for row in rows
    ]


def mark_posted(connection: Connection, team: str, channel: str, due: float) -> None:
    """Record that the digest due at ``due`` needs no further attempt."""
    older = sql.update(digests).filter_by(team=team, channel=channel).where(digests.c.last_posted < due)
    connection.execute(older.values(last_posted=due))
