"""Digests of channels: when they are posted, and when the latest one was."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import digests
from bot.store.statements import upsert, where

DEFAULT_TIMEZONE = "UTC"
"""The time zone of a channel for which nobody has set one."""


@dataclass(frozen=True, slots=True)
class Digest:
    """When a channel gets a digest.

    Attributes:
        asked_by: the user who requested it.
        every: ``daily`` or ``weekly``; ``off`` if only the time zone is set.
        hour: the hour of the day, 0 to 23.
        zone: the channel's time zone (IANA), which applies to the hour and to the days that are counted.
    """

    asked_by: str
    every: str
    hour: int
    zone: str


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
    row = connection.execute(sql.select(digests).where(*where(digests, team=team, channel=channel))).first()
    return _digest(row) if row else None


def timezone_of(connection: Connection, team: str, channel: str) -> str:
    """Return a channel's time zone."""
    digest = get(connection, team, channel)
    return digest.zone if digest else DEFAULT_TIMEZONE


def scheduled(connection: Connection) -> Sequence[ScheduledDigest]:
    """Return the digests of all channels that get any."""
    rows = connection.execute(sql.select(digests).where(digests.c.every != "off"))
    return [ScheduledDigest(row.team, row.channel, _digest(row), row.last_posted) for row in rows]


def mark_posted(connection: Connection, team: str, channel: str, due: float) -> None:
    """Record that the digest due at ``due`` needs no further attempt."""
    one = where(digests, team=team, channel=channel)
    connection.execute(sql.update(digests).where(*one, digests.c.last_posted < due).values(last_posted=due))


def _digest(row: sql.Row[tuple[object, ...]]) -> Digest:
    return Digest(row.asked_by, row.every, row.hour, row.zone)
