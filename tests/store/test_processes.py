"""Processes that share a database."""

from bot.store import processes
from bot.store.database import Database


def test_take_over(database: Database) -> None:
    """The first process to notice dead ones gets the time from which to catch up; the next gets nothing."""
    database.run_sync(processes.heartbeat, "one", 0.0)
    database.run_sync(processes.heartbeat, "two", 10.0)
    assert database.run_sync(processes.take_over, "two", processes.LEASE - 1) is None
    assert database.run_sync(processes.take_over, "two", processes.LEASE) == 0.0
    assert database.run_sync(processes.take_over, "two", processes.LEASE) is None


def test_gaps_are_inherited(database: Database) -> None:
    """A gap is passed on from process to process until one of them clears it."""
    for process in ("one", "two"):
        database.run_sync(processes.heartbeat, process, 0.0)
    database.run_sync(processes.record_gap, "one", -50.0)
    database.run_sync(processes.record_gap, "one", -40.0)
    database.run_sync(processes.leave, "one", 3.0)
    assert database.run_sync(processes.take_over, "two", 4.0) == -50.0
    database.run_sync(processes.leave, "two", 6.0)
    database.run_sync(processes.heartbeat, "three", 7.0)
    assert database.run_sync(processes.take_over, "three", 7.0) == -50.0
    database.run_sync(processes.clear_gap, "three")
    database.run_sync(processes.leave, "three", 8.0)
    assert database.run_sync(processes.take_over, "four", 9.0) == 8.0
