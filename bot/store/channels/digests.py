"""Which channels get a digest, when, and when they had the latest one."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import digests, insert, where

DEFAULT_TIMEZONE = "UTC"
"""The time zone of channels whose own nobody has said."""


@dataclass(frozen=True, slots=True)
class Digest:
    """When a channel gets a digest.

    Attributes:
        asked_by: the user who asked for it.
        every: ``daily`` or ``weekly``; ``off`` where only the time zone is known.
        hour: the hour of the day at which it comes, 0 to 23.
        zone: whose clocks show that hour, by its name of IANA; the channel's days are those of this zone.
    """

    asked_by: str
    every: str
    hour: int
    zone: str


@dataclass(frozen=True, slots=True)
class ScheduledDigest:
    """A channel's digest, and when the latest one was due: seconds since 1970."""

    team: str
    channel: str
    digest: Digest
    last_posted: float


def save(connection: Connection, team: str, channel: str, digest: Digest, now: float) -> None:
    """Let a channel have digests so from now on."""
    values = {"asked_by": digest.asked_by, "every": digest.every, "hour": digest.hour, "zone": digest.zone}
    row = insert(connection, digests).values(team=team, channel=channel, **values, last_posted=now)
    connection.execute(
        row.on_conflict_do_update(index_elements=list(digests.primary_key.columns), set_={**values, "last_posted": now})
    )


def get(connection: Connection, team: str, channel: str) -> Digest | None:
    """Return when a channel gets digests; None if nobody ever asked for any."""
    row = connection.execute(sql.select(*_DIGEST).where(*where(digests, team=team, channel=channel))).first()
    return Digest(**row._mapping) if row else None


def timezone_of(connection: Connection, team: str, channel: str) -> str:
    """Return a channel's time zone."""
    one = sql.select(digests.c.zone).where(*where(digests, team=team, channel=channel))
    return connection.execute(one).scalar() or DEFAULT_TIMEZONE


def scheduled(connection: Connection) -> Sequence[ScheduledDigest]:
    """Return all channels that get digests."""
    rows = connection.execute(sql.select(digests).where(digests.c.every != "off"))
    return [ScheduledDigest(row.team, row.channel, _of(row), row.last_posted) for row in rows]


def mark_posted(connection: Connection, team: str, channel: str, due: float) -> None:
    """Note that the digest which was ``due`` is done with."""
    one = where(digests, team=team, channel=channel)
    connection.execute(sql.update(digests).where(*one, digests.c.last_posted < due).values(last_posted=due))


def _of(row: sql.Row[tuple[object, ...]]) -> Digest:
    return Digest(row.asked_by, row.every, row.hour, row.zone)


_DIGEST = [digests.c[name] for name in ("asked_by", "every", "hour", "zone")]
