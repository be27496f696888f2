"""Claims on effects."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bot.store import claims, installations, processes
from bot.store.claims import ClaimResult, Effect
from bot.store.database import IN_MEMORY, Database, open_database

REPLY = Effect("T1", "C1", "1.1", "reply")


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty database with two live processes."""
    with open_database(IN_MEMORY) as found:
        for process in ("one", "two"):
            found.run_sync(processes.heartbeat, process, 0.0)
        yield found


def test_one_claim(database: Database) -> None:
    """An effect can be claimed once, until the claim is released."""
    assert database.run_sync(claims.take, REPLY, "one", 1.0) is ClaimResult.FIRST
    assert database.run_sync(claims.take, REPLY, "two", 1.0) is None
    assert database.run_sync(claims.take, REPLY, "one", 1.0) is None
    database.run_sync(claims.release, REPLY)
    assert database.run_sync(claims.take, REPLY, "two", 1.0) is ClaimResult.FIRST
    assert database.run_sync(claims.count_open) == 1
    database.run_sync(claims.complete, REPLY)
    assert database.run_sync(claims.count_open) == 0
    assert database.run_sync(claims.take, REPLY, "one", 1000.0) is None


def test_is_done(database: Database) -> None:
    """An effect is done once its claim is completed, not while it is held."""
    assert not database.run_sync(claims.is_done, REPLY)
    database.run_sync(claims.take, REPLY, "one", 1.0)
    assert not database.run_sync(claims.is_done, REPLY)
    database.run_sync(claims.complete, REPLY)
    assert database.run_sync(claims.is_done, REPLY)
    assert not database.run_sync(claims.is_done, REPLY._replace(kind="other"))


@pytest.mark.parametrize("part", ["team", "channel", "ts", "kind"])
def test_effects_differ_in_each_part(database: Database, part: str) -> None:
    """Another workspace, channel, message or kind is another effect."""
    database.run_sync(claims.take, REPLY, "one", 1.0)
    assert database.run_sync(claims.take, REPLY._replace(**{part: "other"}), "one", 1.0) is ClaimResult.FIRST


def test_dead_holder(database: Database) -> None:
    """The claims of a dead process can be taken, and the result says whether the effect was attempted."""
    attempted, withdrawn = REPLY._replace(kind="attempted"), REPLY._replace(kind="withdrawn")
    for effect in (REPLY, attempted, withdrawn):
        database.run_sync(claims.take, effect, "one", 1.0)
    for effect in (attempted, withdrawn):
        database.run_sync(claims.mark_attempted, effect)
    database.run_sync(claims.mark_attempted, withdrawn, attempted=False)
    database.run_sync(processes.heartbeat, "two", processes.LEASE)
    assert database.run_sync(claims.take, REPLY, "two", processes.LEASE - 1) is None
    assert database.run_sync(claims.take, REPLY, "two", processes.LEASE + 1) is ClaimResult.ABANDONED
    assert database.run_sync(claims.take, attempted, "two", processes.LEASE + 1) is ClaimResult.ATTEMPTED
    assert database.run_sync(claims.take, withdrawn, "two", processes.LEASE + 1) is ClaimResult.ABANDONED


def test_own_claim(database: Database) -> None:
    """A process does not take its own open claim again, even if its lease has ended: it may still be acting."""
    database.run_sync(claims.take, REPLY, "one", 1.0)
    assert database.run_sync(claims.take, REPLY, "one", processes.LEASE + 1) is None
    assert database.run_sync(claims.take, REPLY, "two", processes.LEASE + 1) is ClaimResult.ABANDONED


def test_repeated_request(database: Database) -> None:
    """A later request can be claimed again, the same or an earlier one cannot."""
    for requested_at, result in (
        (5.0, ClaimResult.FIRST),
        (5.0, None),
        (4.0, None),
        (6.0, ClaimResult.FIRST),
        (5.0, None),
        (None, None),
    ):
        assert database.run_sync(claims.take, REPLY, "one", 9.0, requested_at) is result
        database.run_sync(claims.complete, REPLY)


async def test_ten_processes(url: str) -> None:
    """If ten connections claim the same effects at the same time, each effect is claimed once."""
    if url == IN_MEMORY:
        pytest.skip("a database in memory belongs to one process")
    effects = [Effect("T1", "C1", f"{number}.0", "reply") for number in range(50)]
    with ExitStack() as stack:
        databases = [stack.enter_context(open_database(url)) for _ in range(10)]
        for number, database in enumerate(databases):
            await database.run(processes.heartbeat, f"p{number}", 1.0)
        results = await asyncio.gather(
            *(
                database.run(claims.take, effect, f"p{number}", 2.0)
                for number, database in enumerate(databases)
                for effect in (effects if number % 2 else effects[::-1])
            )
        )
    assert sum(result is not None for result in results) == len(effects)


async def test_workspaces_of_an_organization(url: str) -> None:
    """If four workspaces of an organization claim the effects in a shared channel at once, each is claimed once."""
    if url == IN_MEMORY:
        pytest.skip("a database in memory belongs to one process")
    numbers = range(4)
    with ExitStack() as stack:
        databases = [stack.enter_context(open_database(url)) for _ in numbers]
        databases[0].run_sync(installations.set_granted, "E1", [f"T{number}" for number in numbers])
        for number, database in enumerate(databases):
            database.run_sync(processes.heartbeat, f"p{number}", 1.0)
        results = await asyncio.gather(
            *(
                database.run(claims.take, Effect(f"T{number}", "C1", f"{ts}.0", "reply"), f"p{number}", 2.0)
                for number, database in enumerate(databases)
                for ts in range(20)
            )
        )
    assert results.count(ClaimResult.FIRST) == 20


async def test_ten_processes_take_over(url: str) -> None:
    """If ten processes take over the claims of a dead one at the same time, each claim is taken over once."""
    if url == IN_MEMORY:
        pytest.skip("a database in memory belongs to one process")
    effects = [Effect("T1", "C1", f"{number}.0", "reply") for number in range(50)]
    with ExitStack() as stack:
        databases = [stack.enter_context(open_database(url)) for _ in range(10)]
        for effect in effects:
            await databases[0].run(claims.take, effect, "dead", 1.0)
        for number, database in enumerate(databases):
            await database.run(processes.heartbeat, f"p{number}", 1.0)
        results = await asyncio.gather(
            *(
                database.run(claims.take, effect, f"p{number}", 2.0)
                for number, database in enumerate(databases)
                for effect in effects
            )
        )
    assert results.count(ClaimResult.ABANDONED) == len(effects)
