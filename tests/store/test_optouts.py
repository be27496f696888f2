"""Opt-outs."""

from bot.store import optouts
from bot.store.database import Database


def test_optouts(database: Database) -> None:
    """Opting out applies to one workspace until the user opts in again; doing it twice is harmless."""
    for _ in range(2):
        database.run_sync(optouts.add, "T1", "U1")
    assert database.run_sync(optouts.is_opted_out, "T1", "U1")
    assert not database.run_sync(optouts.is_opted_out, "T2", "U1")
    assert database.run_sync(optouts.opted_out_users, "T1") == {"U1"}
    assert database.run_sync(optouts.opted_out_users, "T2") == set()
    database.run_sync(optouts.remove, "T1", "U1")
    assert not database.run_sync(optouts.is_opted_out, "T1", "U1")
