"""What is counted of watched channels: messages by hour and label, and how many people wrote on a day. Never who.

Who wrote is needed to count people. So while a day lasts it has a key, and those who wrote are kept as hashes with that
key; both are thrown away when the day is over.
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
from bot.store.schema import alerts, counts, insert, people, where, writers
from bot.store.schema import digests as digests_table

_HOUR = timedelta(hours=1)
_AFTER = _HOUR
"""Messages may come late, and clocks differ: so long after its end a day's key is still kept."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a channel, as its people were counted.

    Attributes:
        begins: the hour with which it begins, in UTC.
        ends: the hour with which the next one begins, or later.
        people: how many different people wrote.
    """

    begins: datetime
    ends: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Hour:
    """How many messages of an hour have a label.

    Attributes:
        begins: the hour, in UTC.
        label: the label.
        count: how many.
    """

    begins: datetime
    label: str
    count: int


def add(connection: Connection, team: str, channel: str, user: str, at: datetime, label: str, model: str) -> None:
    """Count a message.

    Args:
        connection: to the database.
        team: the workspace.
        channel: where it stands.
        user: who wrote it.
        at: when, by Slack's clock.
        label: how it reads.
        model: which model says so.
    """
    hour = _written(at)
    row = insert(connection, counts).values(team=team, channel=channel, hour=hour, label=label, model=model, count=1)
    more = counts.c.count + row.excluded.count
    connection.execute(row.on_conflict_do_update(index_elements=list(counts.primary_key.columns), set_={"count": more}))
    begins, key = _day(connection, team, channel, at) or _begin_day(connection, team, channel, at)
    if not key:
        return  # the day was over before this message came; one person too few is the safe side
    person = blake2b(user.encode(), key=bytes.fromhex(key), digest_size=16).hexdigest()
    seen = insert(connection, writers).values(team=team, channel=channel, begins=begins, person=person)
    if connection.execute(seen.on_conflict_do_nothing().returning(writers.c.person)).first():
        one = where(people, team=team, channel=channel, begins=begins)
        connection.execute(sql.update(people).where(*one).values(count=people.c.count + 1))


def add_once(
    connection: Connection, team: str, channel: str, user: str, at: datetime, label: str, model: str, *, ts: str
) -> None:
    """Count a message as :func:`add` does, unless the one at ``ts`` was counted before, in the same transaction."""
    if claims.claim_and_complete(connection, Effect(team, channel, ts, "count"), at.timestamp()):
        add(connection, team, channel, user, at, label, model)


def discard_keys(connection: Connection, now: datetime) -> None:
    """Throw away who was counted on days that are over."""
    _throw_keys(connection, people.c.ends <= _written(now - _AFTER))


def read(
    connection: Connection, team: str, channel: str, model: str, first: datetime, end: datetime
) -> tuple[Sequence[Hour], Sequence[Day]]:
    """Return what was counted of the days from ``first`` to ``end``, each as a whole, in order."""
    place = where(people, team=team, channel=channel)
    found = sql.select(people).where(*place, people.c.begins < _written(end), people.c.ends > _written(first))
    days = [
        Day(_read(row.begins), _read(row.ends), row._mapping["count"])
        for row in connection.execute(found.order_by(people.c.begins))
    ]
    # Days of another time zone may reach beyond the window. They belong to where most of them is.
    days = [day for day in days if first <= day.begins + (day.ends - day.begins) / 2 < end]
    if not days:
        return [], []
    within = counts.c.hour.between(_written(days[0].begins), _written(days[-1].ends - _HOUR))
    of_model = where(counts, team=team, channel=channel, model=model)
    rows = connection.execute(sql.select(counts).where(*of_model, within).order_by(counts.c.hour))
    return [Hour(_read(row.hour), row.label, row._mapping["count"]) for row in rows], days


def first_hour(connection: Connection, team: str, channel: str, model: str) -> datetime | None:
    """Return the first hour in which a model's messages of a channel were counted; None if none ever was."""
    of_model = where(counts, team=team, channel=channel, model=model)
    first = connection.execute(sql.select(sql.func.min(counts.c.hour)).where(*of_model)).scalar()
    return _read(first) if first else None


def delete_channel(connection: Connection, team: str, channel: str) -> None:
    """Remove all that was counted of a channel, and whoever is told of it."""
    for table in (counts, people, writers, digests_table, alerts):
        connection.execute(sql.delete(table).where(*where(table, team=team, channel=channel)))


def _day(connection: Connection, team: str, channel: str, at: datetime) -> tuple[str, str] | None:
    """Return when the day of a message begins, and its key; None if nobody wrote on it before."""
    place = where(people, team=team, channel=channel)
    within = people.c.begins <= _written(at), people.c.ends > _written(at)
    row = connection.execute(sql.select(people.c.begins, people.c.key).where(*place, *within)).first()
    return (row.begins, row.key) if row else None


def _begin_day(connection: Connection, team: str, channel: str, at: datetime) -> tuple[str, str]:
    """Begin the day of a message, and throw away who was counted before it."""
    place = where(people, team=team, channel=channel)
    begins, ends = _bounds(at, ZoneInfo(digests.timezone_of(connection, team, channel)))
    # Where the channel's time zone has changed the day must not overlap with others.
    before = sql.select(sql.func.max(people.c.ends)).where(*place, people.c.ends <= _written(at))
    after = sql.select(sql.func.min(people.c.begins)).where(*place, people.c.begins > _written(at))
    begins = max(begins, connection.execute(before).scalar() or begins)
    ends = min(ends, connection.execute(after).scalar() or ends)
    row = insert(connection, people).values(
        team=team, channel=channel, begins=begins, ends=ends, count=0, key=token_hex(16)
    )
    connection.execute(row.on_conflict_do_nothing())
    _throw_keys(connection, *place, people.c.ends <= begins)
    found = _day(connection, team, channel, at)  # perhaps another process began it
    return found or (begins, "")


def _throw_keys(connection: Connection, *over: sql.ColumnElement[bool]) -> None:
    days = sql.select(people).where(*over, people.c.key != "")
    for day in connection.execute(days).all():
        one = {"team": day.team, "channel": day.channel, "begins": day.begins}
        connection.execute(sql.delete(writers).where(*where(writers, **one)))
        connection.execute(sql.update(people).where(*where(people, **one)).values(key=""))


def _bounds(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return the hours with which the day of ``at`` begins in a time zone, and the next one does.

    In a zone of half hours an hour of UTC belongs to the day that begins in it.
    """
    last = at.astimezone(UTC).replace(minute=59, second=59)
    day = last.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return _written(day), _written(day + timedelta(days=1))


def _written(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H}"


def _read(hour: str) -> datetime:
    return datetime.fromisoformat(f"{hour}:00+00:00")
