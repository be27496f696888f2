"""Which processes are at work on this database, so that one which ends is noticed by those that go on.

Each shows again and again that it lives. Who does not is gone, and whoever notices first reads in Slack what the
other may have missed. A process that ends in good order says so, and the next that starts takes over from it.
Clocks of the machines may differ by a few seconds.
"""

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import insert, processes

LEASE = 20.0
"""Seconds after which a process that does not show itself is gone."""


def heartbeat(connection: Connection, process: str, now: float) -> None:
    """Show that a process lives."""
    lives = {"seen": now, "until": now + LEASE}
    row = insert(connection, processes).values(id=process, **lives)
    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=lives))


def record_gap(connection: Connection, process: str, since: float) -> None:
    """Note that a process has to read in Slack what came since then, so that another does if it ends before."""
    earlier = sql.or_(processes.c.missed_since.is_(None), processes.c.missed_since > since)
    connection.execute(sql.update(processes).where(processes.c.id == process, earlier).values(missed_since=since))


def take_over(connection: Connection, process: str, now: float) -> float | None:
    """Take over from the processes that are gone.

    Returns:
        Since when, in Unix seconds, somebody has to read in Slack what came; None if nobody is gone.
    """
    gone = sql.delete(processes).where(processes.c.until <= now, processes.c.id != process)
    rows = connection.execute(gone.returning(processes.c.seen, processes.c.missed_since)).all()
    times: list[float] = [row.seen for row in rows] + [row.missed_since for row in rows if row.missed_since is not None]
    if not times:
        return None
    record_gap(connection, process, min(times))
    return min(times)


def clear_gap(connection: Connection, process: str) -> None:
    """Note that a process owes nothing any more."""
    connection.execute(sql.update(processes).where(processes.c.id == process).values(missed_since=None))


def leave(connection: Connection, process: str, now: float) -> None:
    """Note that a process ends in good order."""
    connection.execute(sql.update(processes).where(processes.c.id == process).values(seen=now, until=now))
