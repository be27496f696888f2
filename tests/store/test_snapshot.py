"""The copy of a database that a dry run uses."""

import logging
import sqlite3
from contextlib import closing
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


@pytest.mark.parametrize(("in_use", "journal"), [(False, "wal"), (False, "delete"), (True, "wal")])
async def test_files_stay_as_they_are(tmp_path: Path, in_use: bool, journal: str) -> None:
    """The files of a SQLite database stay as they are, and it can be copied while another process is writing to it."""
    file = tmp_path / "bot & 100%.db"
    with open_database(f"sqlite:///{file}") as database:
        database.run_sync(optouts.add, "T1", "U1")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode={journal}")
        if in_use:
            other.execute("INSERT INTO optouts VALUES ('T1', 'U2')")
            other.execute("BEGIN IMMEDIATE")
        else:
            other.close()
        before = contents(tmp_path)
        async with open_snapshot(f"sqlite:///{file}") as copy:
            assert copy.run_sync(optouts.is_opted_out, "T1", "U1")
            assert copy.run_sync(optouts.is_opted_out, "T1", "U2") == in_use
        assert contents(tmp_path) == before


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return when each file was changed, and its content; of the index of SQLite's log, which readers lock, neither."""
    files = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.iterdir()}
    return {name: (0, b"") if name.endswith("-shm") else file for name, file in files.items()}


def test_a_new_database_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log names a file that is created, once."""
    with caplog.at_level(logging.INFO, "bot.store"):
        for _ in range(2):
            with open_database(f"sqlite:///{tmp_path}/bot.db"):
                pass
    named = [record.getMessage() for record in caplog.records if record.name == "bot.store.database"]
    assert named == [f"created the database {tmp_path}/bot.db"]
