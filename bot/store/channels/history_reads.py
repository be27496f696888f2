"""Channel histories that are being read for a report, so that another process can continue after a restart.

Message text is not stored: only the position and the counts so far. Authors are stored as hashes until the read ends.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import readings
from bot.store.statements import insert_if_absent


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """A history that is being read. Times are Unix seconds."""

    team: str
    channel: str
    user: str  # who requested the report
    window: str  # the name of the report's window, such as 7d
    until: float  # the end of the window: the time of the request by Slack's clock
    timezone: str  # of the counted days; IANA
    reply_channel: str
    reply_ts: str  # the message that shows the progress, and then the report
    started_at: float
    read_to: str = ""  # the ts of the oldest message that was read; empty before the first
    counts: str = ""  # so far, as the reader serialises them; empty before the first message


def add(connection: Connection, read: HistoryRead, lease_until: float) -> bool:
    """Store a new read; return False if the same user's report on this channel is being made already."""
    return insert_if_absent(connection, readings, **asdict(read), lease_until=lease_until)


def save_progress(connection: Connection, read: HistoryRead, lease_until: float) -> bool:
    """Store the position and the counts, and extend the lease; return False if the read has been removed."""
    return _update(connection, read, read_to=read.read_to, counts=read.counts, lease_until=lease_until)


def remove(connection: Connection, read: HistoryRead) -> None:
    """Delete a read that is finished or has failed."""
    connection.execute(sql.delete(readings).filter_by(**_key(read)))


def take_abandoned(connection: Connection, now: float, lease_until: float) -> HistoryRead | None:
    """Lease a read whose lease has ended; None if there is none."""
    abandoned = sql.select(readings).where(readings.c.lease_until <= now).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(abandoned).first()
    if row is None:
        return None
    read = _parse(row)
    hold(connection, read, lease_until)
    return read


def hold(connection: Connection, read: HistoryRead, lease_until: float) -> None:
    """Set when the lease ends; 0 lets another process continue at once."""
    _update(connection, read, lease_until=lease_until)


def requested_by(connection: Connection, team: str, user: str) -> list[HistoryRead]:
    """Return the reads that a user requested."""
    rows = connection.execute(sql.select(readings).filter_by(team=team, user=user))
    return [_parse(row) for row in rows]


def _parse(row: sql.Row[Any]) -> HistoryRead:
    return HistoryRead(*(getattr(row, field.name) for field in fields(HistoryRead)))


def _update(connection: Connection, read: HistoryRead, **values: object) -> bool:
    return connection.execute(sql.update(readings).filter_by(**_key(read)).values(values)).rowcount > 0


def _key(read: HistoryRead) -> dict[str, str]:
    """Return what identifies a read; after it was stopped, the same user may have requested the same report again."""
    return {"team": read.team, "channel": read.channel, "user": read.user, "reply_ts": read.reply_ts}
