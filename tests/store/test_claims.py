"""Claims keep an effect from being done twice, whoever wants to do it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bot.store import claims, processes
from bot.store.claims import ClaimResult, Effect
from bot.store.database import IN_MEMORY, Database, open_database

REPLY = Effect("T1", "C1", "1.1", "reply")


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty database in which two processes live."""
    with open_database(IN_MEMORY) as found:
        for process in ("one", "two"):
            found.run_sync(processes.heartbeat, process, 0.0)
        yield found


def test_taken_once(database: Database) -> None:
    """The second to claim an effect is refused, until it is given back."""
    assert database.run_sync(claims.take, REPLY, "one", 1.0) is ClaimResult.FIRST
    assert database.run_sync(claims.take, REPLY, "two", 1.0) is None
    assert database.run_sync(claims.take, REPLY, "one", 1.0) is None
    database.run_sync(claims.release, REPLY)
    assert database.run_sync(claims.take, REPLY, "two", 1.0) is ClaimResult.FIRST
    database.run_sync(claims.complete, REPLY)
    assert database.run_sync(claims.take, REPLY, "one", 1000.0) is None


@pytest.mark.parametrize("part", ["team", "channel", "ts", "kind"])
def test_claims_differ_in_every_part(database: Database, part: str) -> None:
    """Another workspace, channel, message or kind is another effect."""
    database.run_sync(claims.take, REPLY, "one", 1.0)
    assert database.run_sync(claims.take, REPLY._replace(**{part: "other"}), "one", 1.0) is ClaimResult.FIRST


def test_a_holder_that_is_gone(database: Database) -> None:
    """What a process held that shows itself no more goes to the next, who is told how far it may have got."""
    other = REPLY._replace(kind="whisper")
    for effect in (REPLY, other):
        database.run_sync(claims.take, effect, "one", 1.0)
    database.run_sync(claims.mark_attempted, other)
    database.run_sync(processes.heartbeat, "two", processes.LEASE)
    assert database.run_sync(claims.take, REPLY, "two", processes.LEASE - 1) is None
    assert database.run_sync(claims.take, REPLY, "two", processes.LEASE + 1) is ClaimResult.ABANDONED
    assert database.run_sync(claims.take, other, "two", processes.LEASE + 1) is ClaimResult.BEGUN


def test_asked_again(database: Database) -> None:
    """What people may ask for again is done again, but not for hearing twice of the same time."""
    for asked_at, taken in (
        (5.0, ClaimResult.FIRST),
        (5.0, None),
        (4.0, None),
        (6.0, ClaimResult.FIRST),
        (5.0, None),
        (None, None),
    ):
        assert database.run_sync(claims.take, REPLY, "one", 9.0, asked_at) is taken
        database.run_sync(claims.complete, REPLY)


def test_who_ends_leaves_what_it_owes(database: Database) -> None:
    """Who notices that others are gone hears since when they may have missed something; the next hears nothing."""
    database.run_sync(processes.record_gap, "one", -50.0)
    database.run_sync(processes.leave, "one", 3.0)
    assert database.run_sync(processes.take_over, "two", 4.0) == -50.0
    assert database.run_sync(processes.take_over, "two", 5.0) is None
    database.run_sync(processes.leave, "two", 6.0)
    database.run_sync(processes.heartbeat, "three", 7.0)
    assert database.run_sync(processes.take_over, "three", 7.0) == -50.0
    database.run_sync(processes.clear_gap, "three")
    database.run_sync(processes.leave, "three", 8.0)
    assert database.run_sync(processes.take_over, "four", 9.0) == 8.0


async def test_ten_processes_at_once(url: str) -> None:
    """Of ten connections that claim the same effects at the same time, each effect goes to one."""
    if url == IN_MEMORY:
        pytest.skip("a database in memory belongs to one process")
    effects = [Effect("T1", "C1", f"{number}.0", "reply") for number in range(50)]
    with ExitStack() as stack:
        shared = [stack.enter_context(open_database(url)) for _ in range(10)]
        for number, database in enumerate(shared):
            await database.run(processes.heartbeat, f"p{number}", 1.0)
        taken = await asyncio.gather(
            *(
                database.run(claims.take, effect, f"p{number}", 2.0)
                for number, database in enumerate(shared)
                for effect in (effects if number % 2 else effects[::-1])
            )
        )
    assert sum(one is not None for one in taken) == len(effects)
