"""Counts of watched channels: messages by hour and label, and authors by day.

Counting authors needs to recognise them. While a day lasts, its authors are stored as hashes with a key of that day.
Hashes and key are deleted when the day is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from secrets import token_hex
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store import claims
from bot.store.channels import digests
from bot.store.claims import Effect
from bot.store.schema import counts, people, writers
from bot.store.statements import insert_if_absent, upsert

_HOUR = timedelta(hours=1)
_GRACE_PERIOD = _HOUR
"""How long a day's key is kept after its end, for late messages and clocks that differ."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a channel, from its first hour up to the first hour after it, in UTC."""

    start: datetime
    end: datetime
    people: int  # how many users wrote

    @property
    def midpoint(self) -> datetime:
        """The middle of the day, which decides to which window it belongs."""
        return self.start + (self.end - self.start) / 2


@dataclass(frozen=True, slots=True)
class Hour:
    """The number of messages with a label in the hour that starts at ``start``, in UTC."""

    start: datetime
    label: str
    count: int


def add(connection: Connection, team: str, channel: str, user: str, at: datetime, label: str, model: str) -> None:
    """Count a message that ``user`` wrote at ``at`` (by Slack's clock) and ``model`` gave ``label``."""
    row = {"team": team, "channel": channel, "hour": _format_hour(at), "label": label, "model": model, "count": 1}
    upsert(connection, counts, row, {"count": counts.c["count"] + 1})
    start, hash_key = _find_day(connection, team, channel, at) or _start_day(connection, team, channel, at)
    if not hash_key:
        return  # a late message of a day that is over; its author is not counted
    person = blake2b(user.encode(), key=bytes.fromhex(hash_key), digest_size=16).hexdigest()
    day = {"team": team, "channel": channel, "begins": start}
    if insert_if_absent(connection, writers, **day, person=person):
        connection.execute(sql.update(people).filter_by(**day).values(count=people.c["count"] + 1))


def add_once(
    connection: Connection, team: str, channel: str, user: str, at: datetime, label: str, model: str, *, ts: str
) -> None:
    """Count a message as :func:`add` does, unless the message ``ts`` was counted before."""
    if claims.claim_and_complete(connection, Effect(team, channel, ts, "count"), at.timestamp()):
        add(connection, team, channel, user, at, label, model)


def discard_keys(connection: Connection, now: datetime) -> None:
    """Delete the hashes and keys of days that are over."""
    _delete_keys(connection, people.c.ends <= _format_hour(now - _GRACE_PERIOD))


def read(
    connection: Connection, team: str, channel: str, model: str, first: datetime, end: datetime
) -> tuple[Sequence[Hour], Sequence[Day]]:
    """Return the counts of the whole days from ``first`` to ``end``, in order."""
    overlapping = people.c.begins < _format_hour(end), people.c.ends > _format_hour(first)
    of_channel = sql.select(*people.c["begins", "ends", "count"]).filter_by(team=team, channel=channel)
    rows = connection.execute(of_channel.where(*overlapping).order_by(people.c.begins))
    days = [Day(_parse_hour(begins), _parse_hour(ends), count) for begins, ends, count in rows]
    # Days of another time zone may extend beyond the window.
    days = [day for day in days if first <= day.midpoint < end]
    if not days:
        return [], []
    within = counts.c.hour.between(_format_hour(days[0].start), _format_hour(days[-1].end - _HOUR))
    of_model = sql.select(*counts.c["hour", "label", "count"]).filter_by(team=team, channel=channel, model=model)
    rows = connection.execute(of_model.where(within).order_by(counts.c.hour))
    return [Hour(_parse_hour(hour), label, count) for hour, label, count in rows], days


def first_hour(connection: Connection, team: str, channel: str, model: str) -> datetime | None:
    """Return the first hour of a channel with counts by a model; None if there are none."""
    hours = sql.select(counts.c.hour).filter_by(team=team, channel=channel, model=model)
    first = connection.scalar(hours.order_by(counts.c.hour).limit(1))
    return _parse_hour(first) if first else None


def _find_day(connection: Connection, team: str, channel: str, at: datetime) -> tuple[str, str] | None:
    """Return the start of a message's day, and its key; None if nobody has written on it before."""
    hour = _format_hour(at)
    of_channel = sql.select(people.c.begins, people.c.key).filter_by(team=team, channel=channel)
    row = connection.execute(of_channel.where(people.c.begins <= hour, people.c.ends > hour)).first()
    return (row.begins, row.key) if row else None


def _start_day(connection: Connection, team: str, channel: str, at: datetime) -> tuple[str, str]:
    """Store the day of a message, and delete the keys of the days before it."""
    hour, of_channel = _format_hour(at), (people.c.team == team, people.c.channel == channel)
    start, end = _day_bounds(at, ZoneInfo(digests.timezone_of(connection, team, channel)))
    # If the channel's time zone was changed, the day must not overlap with others.
    previous_end = sql.select(sql.func.max(people.c.ends)).where(*of_channel, people.c.ends <= hour)
    next_start = sql.select(sql.func.min(people.c.begins)).where(*of_channel, people.c.begins > hour)
    start = max(start, connection.scalar(previous_end) or start)
    end = min(end, connection.scalar(next_start) or end)
    day = {"team": team, "channel": channel, "begins": start, "ends": end, "count": 0, "key": token_hex(16)}
    insert_if_absent(connection, people, **day)
    _delete_keys(connection, *of_channel, people.c.ends <= start)
    return _find_day(connection, team, channel, at) or (start, "")  # another process may have stored it


def _delete_keys(connection: Connection, *conditions: sql.ColumnElement[bool]) -> None:
    """Delete the key and the authors' hashes of each day that meets ``conditions``."""
    for row in connection.execute(sql.select(people).where(*conditions, people.c.key != "")).all():
        day = {"team": row.team, "channel": row.channel, "begins": row.begins}
        connection.execute(sql.delete(writers).filter_by(**day))
        connection.execute(sql.update(people).filter_by(**day).values(key=""))


def _day_bounds(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return the first hour of the day of ``at`` in a time zone, and of the next day.

    In a zone with an offset of half an hour, a UTC hour belongs to the day that begins during it.
    """
    last = at.astimezone(UTC).replace(minute=59, second=59)
    day = last.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return _format_hour(day), _format_hour(day + timedelta(days=1))


def _format_hour(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H}"


def _parse_hour(hour: str) -> datetime:
    return datetime.fromisoformat(f"{hour}:00+00:00")
