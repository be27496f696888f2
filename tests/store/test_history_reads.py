"""History reads in progress."""

from dataclasses import replace

import sqlalchemy as sql

from bot.store.channels import history_reads
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import Database

READ = HistoryRead("T1", "C1", "U1", "7d", 1.0, "UTC", "D1", "2.0", 0.0)


def test_lease(database: Database) -> None:
    """A read is taken by one process when its lease has ended, with its progress."""
    assert [database.run_sync(history_reads.add, READ, 100.0) for _ in range(2)] == [True, False]
    assert database.run_sync(history_reads.take_abandoned, 99.0, 200.0) is None
    progress = replace(READ, read_to="1.5", counts="{}")
    database.run_sync(history_reads.save_progress, progress, 150.0)
    assert database.run_sync(history_reads.take_abandoned, 151.0, 200.0) == progress
    assert database.run_sync(history_reads.take_abandoned, 151.0, 200.0) is None
    database.run_sync(history_reads.hold, progress, 0)
    assert database.run_sync(history_reads.take_abandoned, 151.0, 200.0) == progress
    database.run_sync(history_reads.remove, progress)
    assert database.run_sync(history_reads.take_abandoned, 999.0, 1000.0) is None


def test_stopped_read(database: Database) -> None:
    """The progress of a read that was removed is not stored, nor as that of the next one; each user has their own."""
    database.run_sync(history_reads.add, READ, 100.0)
    assert database.run_sync(history_reads.save_progress, READ, 150.0)
    database.run_sync(history_reads.remove, READ)
    assert not database.run_sync(history_reads.save_progress, READ, 150.0)
    again = replace(READ, reply_ts="3.0")
    database.run_sync(history_reads.add, again, 100.0)
    assert not database.run_sync(history_reads.save_progress, replace(READ, counts="{}"), 150.0)
    database.run_sync(history_reads.remove, READ)
    assert database.run_sync(history_reads.requested_by, "T1", "U1") == [again]
    assert database.run_sync(history_reads.requested_by, "T1", "U2") == []


def test_stored_format(database: Database) -> None:
    """Rows that an earlier version wrote can be read."""
    insert = sql.text(
        'INSERT INTO readings (team, channel, "user", "window", until, zone, place, ts, begun, read_to, counted, '
        "held_until) VALUES ('T1', 'C1', 'U1', '7d', 1, 'UTC', 'D1', '2.0', 0, '1.5', '{}', 5)"
    )
    database.run_sync(lambda connection: connection.execute(insert))
    assert database.run_sync(history_reads.take_abandoned, 5.0, 9.0) == replace(READ, read_to="1.5", counts="{}")
