"""Processes that share this database, so that the others notice when one of them ends.

Each process sends a heartbeat regularly. When one stops, the first process to notice takes over and reads from Slack
what the other may have missed. A process that shuts down properly ends its lease, and the next one to start takes over.
The machines' clocks may differ by a few seconds.
"""

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import processes
from bot.store.statements import upsert

LEASE = 20.0
"""Seconds after the last heartbeat when a process counts as dead."""


def heartbeat(connection: Connection, process: str, now: float) -> None:
    """Extend the lease of a process."""
    upsert(connection, processes, {"id": process, "seen": now, "until": now + LEASE})


def record_gap(connection: Connection, process: str, since: float) -> None:
    """Record that a process has yet to catch up from ``since``, so that another does so if it dies first."""
    earlier = sql.or_(processes.c.missed_since.is_(None), processes.c.missed_since > since)
    connection.execute(sql.update(processes).filter_by(id=process).where(earlier).values(missed_since=since))


def take_over(connection: Connection, process: str, now: float) -> float | None:
    """Delete the dead processes, and make ``process`` responsible for what they may have missed.

    Returns the time from which to catch up, in Unix seconds; None if no process is dead.
    """
    dead = sql.delete(processes).where(processes.c.until <= now, processes.c.id != process)
    rows = connection.execute(dead.returning(processes.c.seen, processes.c.missed_since)).all()
    since: float | None = min((time for row in rows for time in row if time is not None), default=None)
    if since is not None:
        record_gap(connection, process, since)
    return since


def clear_gap(connection: Connection, process: str) -> None:
    """Record that a process has caught up."""
    connection.execute(sql.update(processes).filter_by(id=process).values(missed_since=None))


def leave(connection: Connection, process: str, now: float) -> None:
    """End the lease of a process that shuts down."""
    connection.execute(sql.update(processes).filter_by(id=process).values(seen=now, until=now))
