"""Counts of watched channels."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sql
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.store.channels import alerts, counts, digests, watches
from bot.store.channels.counts import Day
from bot.store.channels.digests import Digest
from bot.store.channels.watches import Watch
from bot.store.database import IN_MEMORY, Database, open_database
from bot.store.schema import metadata, people, writers

NOON = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def count(connection: Connection, user: str, at: datetime, label: str = "NEGATIVE", channel: str = "C1") -> None:
    """Count a message of a user."""
    counts.add(connection, "T1", channel, user, at, label, "m")


def days(database: Database, channel: str = "C1") -> Sequence[Day]:
    """Return all days of a channel."""
    always = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    return database.run_sync(counts.read, "T1", channel, "m", *always)[1]


def everything(database: Database) -> str:
    """Return all rows of a database as text."""
    return database.run_sync(
        lambda connection: str([connection.execute(sql.select(table)).all() for table in metadata.sorted_tables])
    )


def test_messages_and_people_add_up(database: Database) -> None:
    """Messages are counted by hour, authors once a day; models and channels are counted separately."""
    database.run_sync(count, "U3", NOON, "POSITIVE")
    database.run_sync(count, "U1", NOON, channel="C2")
    database.run_sync(counts.add, "T1", "C1", "U9", NOON, "NEGATIVE", "another")
    for user, later in (("U1", 0), ("U1", 0), ("U2", 1), ("U2", 24)):
        database.run_sync(count, user, NOON + later * HOUR)
    hours, found = database.run_sync(counts.read, "T1", "C1", "m", NOON - 24 * HOUR, NOON + 48 * HOUR)
    counted = [((one.start - NOON) // HOUR + 1, one.label, one.count) for one in hours]
    assert counted == [(0, "NEGATIVE", 2), (0, "POSITIVE", 1), (1, "NEGATIVE", 1), (24, "NEGATIVE", 1)]
    assert [day.people for day in found] == [4, 1]
    assert database.run_sync(counts.first_hour, "T1", "C1", "m") == NOON.replace(minute=0)
    assert database.run_sync(counts.first_hour, "T1", "C9", "m") is None


def test_a_message_is_counted_once(database: Database) -> None:
    """A message that is handled again, for example after a crash, is counted once; each message counts for itself."""
    for ts in ("1.1", "1.2", "1.1"):
        database.run_sync(partial(counts.add_once, ts=ts), "T1", "C1", "U1", NOON, "NEGATIVE", "m")
    hours, _ = database.run_sync(counts.read, "T1", "C1", "m", NOON - 24 * HOUR, NOON + 48 * HOUR)
    assert [one.count for one in hours] == [2]


def test_authors_are_not_stored(database: Database) -> None:
    """User ids are never stored; hashes of them and their key are deleted when the day is over."""
    for i in range(5):
        database.run_sync(count, f"UPERSON{i}", NOON)
    assert "UPERSON" not in everything(database)
    rows = sql.select(sql.func.count()).select_from(writers)
    assert database.run_sync(lambda connection: connection.execute(rows).scalar()) == 5
    database.run_sync(counts.discard_keys, NOON.replace(hour=23))
    assert database.run_sync(lambda connection: connection.execute(rows).scalar()) == 5
    database.run_sync(counts.discard_keys, NOON + 13 * HOUR)
    assert database.run_sync(lambda connection: connection.execute(rows).scalar()) == 0
    assert database.run_sync(lambda connection: connection.execute(sql.select(people.c.key)).scalars().all()) == [""]
    assert [day.people for day in days(database)] == [5]


def test_a_new_day_deletes_the_key(database: Database) -> None:
    """A message of a later day ends the day; a late message is counted, but not its author."""
    database.run_sync(count, "U1", NOON)
    database.run_sync(count, "U2", NOON + 24 * HOUR)
    database.run_sync(count, "U3", NOON)
    assert [day.people for day in days(database)] == [1, 1]
    hours, _ = database.run_sync(counts.read, "T1", "C1", "m", NOON - 24 * HOUR, NOON + 48 * HOUR)
    assert [one.count for one in hours] == [2, 1]


def test_hashes_of_two_days_or_channels_do_not_match(database: Database) -> None:
    """A user has a different hash on each day and in each channel."""
    database.run_sync(count, "U1", NOON)
    database.run_sync(count, "U1", NOON, channel="C2")
    assert len(set(database.run_sync(lambda one: one.execute(sql.select(writers.c.person)).scalars().all()))) == 2


def test_channel_that_is_no_longer_watched(database: Database) -> None:
    """Everything about a channel is deleted, and nothing about others."""
    database.run_sync(count, "U1", NOON)
    database.run_sync(count, "U1", NOON, channel="C2")
    database.run_sync(digests.save, "T1", "C1", Digest("U1", "daily", 9, "UTC"), 0.0)
    database.run_sync(alerts.add, "T1", "C1", "U1")
    database.run_sync(watches.add, "T1", "C1", Watch("U1"))
    assert database.run_sync(watches.remove, "T1", "C1")
    assert "C1" not in everything(database)
    assert [day.people for day in days(database, "C2")] == [1]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/Havana", "Pacific/Apia"])
def test_days_have_the_channels_time_zone(zone: str) -> None:
    """Days start at midnight in the channel's time zone, also where clocks change, rounded to UTC hours."""
    with open_database(IN_MEMORY) as database:
        database.run_sync(digests.save, "T1", "C1", Digest("U1", "off", 9, zone), 0.0)
        for hour in range(24 * 10):
            database.run_sync(count, "U1", datetime(2026, 10, 25, tzinfo=UTC) + hour * HOUR)
        found = days(database)
        assert all(day.start.astimezone(ZoneInfo(zone)).hour in (0, 23) for day in found)
        assert all(day.end == later.start for day, later in pairwise(found))
        assert {(day.end - day.start) // HOUR for day in found} <= {23, 24, 25}


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_days_do_not_overlap(rng: random.Random) -> None:
    """Whatever the order of messages and time zone changes, days do not overlap and no message is lost."""
    with open_database(IN_MEMORY) as database:
        hours = [rng.randrange(24 * 6) for _ in range(40)]
        for hour in hours:
            if rng.random() < 0.1:
                zone = rng.choice(["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kolkata"])
                database.run_sync(digests.save, "T1", "C1", Digest("U1", "off", 9, zone), 0.0)
            database.run_sync(count, rng.choice("ABC"), NOON + hour * HOUR)
        found = days(database)
        assert all(day.end <= later.start for day, later in pairwise(found))
        stored, _ = database.run_sync(counts.read, "T1", "C1", "m", NOON - 72 * HOUR, NOON + 999 * HOUR)
        assert sum(one.count for one in stored) == len(hours)
        assert all(any(day.start <= one.start < day.end for day in found) for one in stored)
        assert all(1 <= day.people <= 3 for day in found)
