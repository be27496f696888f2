"""Histories that are being read for a report, so that a restart goes on where it was.

Nothing of any text is kept: how far it is, and what was counted so far. Who wrote is kept as hashes while it lasts.
"""

from dataclasses import dataclass

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import insert, readings, where


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """A history that is being read.

    Attributes:
        team: the workspace.
        channel: whose history.
        user: who asked for the report.
        window: its name, such as 7d.
        until: when it was asked for by Slack's clock, in seconds since 1970.
        zone: whose days are counted.
        place: the channel of the message that shows how far it is, and becomes the report.
        ts: that message.
        begun: when it was begun by this machine's clock, likewise.
        read_to: the oldest message that was read, by its ts; empty at the beginning.
        counted: what was counted so far, as its reader writes it; empty at the beginning.
    """

    team: str
    channel: str
    user: str
    window: str
    until: float
    zone: str
    place: str
    ts: str
    begun: float
    read_to: str = ""
    counted: str = ""


def add(connection: Connection, reading: HistoryRead, held_until: float) -> bool:
    """Begin to read; False if a report of this channel is being made for this person already."""
    values = {name: getattr(reading, name) for name in _FIELDS}
    row = insert(connection, readings).values(**values, held_until=held_until)
    return connection.execute(row.on_conflict_do_nothing().returning(readings.c.ts)).first() is not None


def save_progress(connection: Connection, reading: HistoryRead, held_until: float) -> None:
    """Keep how far it is."""
    values = {"read_to": reading.read_to, "counted": reading.counted, "held_until": held_until}
    connection.execute(sql.update(readings).where(*_is(reading)).values(**values))


def remove(connection: Connection, reading: HistoryRead) -> None:
    """Forget it: the report is made, or cannot be."""
    connection.execute(sql.delete(readings).where(*_is(reading)))


def take_abandoned(connection: Connection, now: float, held_until: float) -> HistoryRead | None:
    """Take a reading on oneself that nobody is at any more; None if there is none."""
    left = sql.select(readings).where(readings.c.held_until <= now).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(left).first()
    if row is None:
        return None
    reading = HistoryRead(**{name: getattr(row, name) for name in _FIELDS})
    connection.execute(sql.update(readings).where(*_is(reading)).values(held_until=held_until))
    return reading


def hold(connection: Connection, reading: HistoryRead, held_until: float) -> None:
    """Let nobody go on with it before ``held_until``; 0 for at once."""
    connection.execute(sql.update(readings).where(*_is(reading)).values(held_until=held_until))


def _is(reading: HistoryRead) -> list[sql.ColumnElement[bool]]:
    return where(readings, team=reading.team, channel=reading.channel, user=reading.user)


_FIELDS = ("team", "channel", "user", "window", "until", "zone", "place", "ts", "begun", "read_to", "counted")
