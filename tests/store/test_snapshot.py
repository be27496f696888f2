"""The copy of a database that a dry run uses."""

import logging
from pathlib import Path

import pytest

from bot.store import optouts
from bot.store.channels import watches
from bot.store.channels.watches import Watch
from bot.store.database import IN_MEMORY, open_database
from bot.store.snapshot import open_snapshot


async def test_copies_and_changes_nothing(url: str) -> None:
    """Opt-outs and watched channels are copied; what is changed in the copy stays there."""
    if url == IN_MEMORY:
        pytest.skip("a database in memory cannot be opened twice")
    with open_database(url) as database:
        database.run_sync(optouts.add, "T1", "U1")
        database.run_sync(watches.add, "T1", "C1", Watch("U1"))
    async with open_snapshot(url) as copy:
        assert copy.run_sync(optouts.is_opted_out, "T1", "U1")
        watch = copy.run_sync(watches.get, "T1", "C1")
        assert watch is not None
        assert watch.emojis == Watch("U1").emojis
        copy.run_sync(optouts.add, "T1", "U2")
    with open_database(url) as database:
        assert not database.run_sync(optouts.is_opted_out, "T1", "U2")


def test_a_new_database_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log names a file that is created, once."""
    with caplog.at_level(logging.INFO, "bot.store"):
        for _ in range(2):
            with open_database(f"sqlite:///{tmp_path}/bot.db"):
                pass
    named = [record.getMessage() for record in caplog.records if record.name == "bot.store.database"]
    assert named == [f"created the database {tmp_path}/bot.db"]
