"""What is counted, in each database that the bot may run on."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sql
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.store.channels import alerts, counts, digests, history_reads
from bot.store.channels.counts import Day
from bot.store.channels.digests import Digest
from bot.store.channels.history_reads import HistoryRead
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
    """Return all that a database holds, as text."""
    return database.run_sync(
        lambda connection: str([connection.execute(sql.select(table)).all() for table in metadata.sorted_tables])
    )


def test_messages_and_people_add_up(database: Database) -> None:
    """Each message counts in its hour, each person once a day, and models and channels are kept apart."""
    database.run_sync(count, "U3", NOON, "POSITIVE")
    database.run_sync(count, "U1", NOON, channel="C2")
    database.run_sync(counts.add, "T1", "C1", "U9", NOON, "NEGATIVE", "another")
    for user, later in (("U1", 0), ("U1", 0), ("U2", 1), ("U2", 24)):
        database.run_sync(count, user, NOON + later * HOUR)
    hours, found = database.run_sync(counts.read, "T1", "C1", "m", NOON - 24 * HOUR, NOON + 48 * HOUR)
    counted = [((one.begins - NOON) // HOUR + 1, one.label, one.count) for one in hours]
    assert counted == [(0, "NEGATIVE", 2), (0, "POSITIVE", 1), (1, "NEGATIVE", 1), (24, "NEGATIVE", 1)]
    assert [day.people for day in found] == [4, 1]
    assert database.run_sync(counts.first_hour, "T1", "C1", "m") == NOON.replace(minute=0)
    assert database.run_sync(counts.first_hour, "T1", "C9", "m") is None


def test_nobody_is_named(database: Database) -> None:
    """No user's id is in the database, and once the day is over nothing that stands for one, nor the key to it."""
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


def test_the_next_day_throws_the_last_ones_key_away(database: Database) -> None:
    """A message of a later day ends the day; one that comes late still counts, but adds no person."""
    database.run_sync(count, "U1", NOON)
    database.run_sync(count, "U2", NOON + 24 * HOUR)
    database.run_sync(count, "U3", NOON)
    assert [day.people for day in days(database)] == [1, 1]
    hours, _ = database.run_sync(counts.read, "T1", "C1", "m", NOON - 24 * HOUR, NOON + 48 * HOUR)
    assert [one.count for one in hours] == [2, 1]


def test_hashes_of_two_days_or_channels_do_not_match(database: Database) -> None:
    """The same person is another hash each day and in each channel."""
    database.run_sync(count, "U1", NOON)
    database.run_sync(count, "U1", NOON, channel="C2")
    assert len(set(database.run_sync(lambda one: one.execute(sql.select(writers.c.person)).scalars().all()))) == 2


def test_forgotten(database: Database) -> None:
    """Of a channel that is watched no longer nothing is left, and of others all."""
    database.run_sync(count, "U1", NOON)
    database.run_sync(count, "U1", NOON, channel="C2")
    database.run_sync(digests.save, "T1", "C1", Digest("U1", "daily", 9, "UTC"), 0.0)
    database.run_sync(alerts.add, "T1", "C1", "U1")
    database.run_sync(counts.delete_channel, "T1", "C1")
    assert "C1" not in everything(database)
    assert [day.people for day in days(database, "C2")] == [1]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/Havana", "Pacific/Apia"])
def test_days_are_the_channels_own(zone: str) -> None:
    """Days begin at midnight in the channel's time zone, also where clocks change; half an hour counts to its hour."""
    with open_database(IN_MEMORY) as database:
        database.run_sync(digests.save, "T1", "C1", Digest("U1", "off", 9, zone), 0.0)
        for hour in range(24 * 10):
            database.run_sync(count, "U1", datetime(2026, 10, 25, tzinfo=UTC) + hour * HOUR)
        found = days(database)
        assert all(day.begins.astimezone(ZoneInfo(zone)).hour in (0, 23) for day in found)
        assert all(day.ends == later.begins for day, later in pairwise(found))
        assert {(day.ends - day.begins) // HOUR for day in found} <= {23, 24, 25}


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_each_message_is_counted_on_one_day(rng: random.Random) -> None:
    """Whenever the time zone changes and in whatever order messages come, days never overlap, and none is lost."""
    with open_database(IN_MEMORY) as database:
        hours = [rng.randrange(24 * 6) for _ in range(40)]
        for hour in hours:
            if rng.random() < 0.1:
                zone = rng.choice(["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kolkata"])
                database.run_sync(digests.save, "T1", "C1", Digest("U1", "off", 9, zone), 0.0)
            database.run_sync(count, rng.choice("ABC"), NOON + hour * HOUR)
        found = days(database)
        assert all(day.ends <= later.begins for day, later in pairwise(found))
        kept, _ = database.run_sync(counts.read, "T1", "C1", "m", NOON - 72 * HOUR, NOON + 999 * HOUR)
        assert sum(one.count for one in kept) == len(hours)
        assert all(any(day.begins <= one.begins < day.ends for day in found) for one in kept)
        assert all(1 <= day.people <= 3 for day in found)


def test_digests(database: Database) -> None:
    """A channel has one, at its latest wish; the latest one that was posted is remembered, and so is the time zone."""
    digest = Digest("U1", "weekly", 9, "Europe/Berlin")
    database.run_sync(digests.save, "T1", "C1", digest, 100.0)
    (due,) = database.run_sync(digests.scheduled)
    assert (due.digest, due.last_posted) == (digest, 100.0)
    for posted, latest in ((200.0, 200.0), (150.0, 200.0)):
        database.run_sync(digests.mark_posted, "T1", "C1", posted)
        assert database.run_sync(digests.scheduled)[0].last_posted == latest
    assert database.run_sync(digests.timezone_of, "T1", "C1") == "Europe/Berlin"
    assert database.run_sync(digests.timezone_of, "T2", "C1") == "UTC"
    database.run_sync(digests.save, "T1", "C1", Digest("U2", "off", 9, "UTC"), 300.0)
    assert database.run_sync(digests.scheduled) == []


def test_an_alert_is_taken_once_a_day(database: Database) -> None:
    """For each person, until they switch it off."""
    database.run_sync(alerts.add, "T1", "C1", "U1")
    assert [database.run_sync(alerts.take, "T1", "C1", "U1", "2026-11-24") for _ in range(2)] == [True, False]
    assert database.run_sync(alerts.take, "T1", "C1", "U1", "2026-11-25")
    assert database.run_sync(alerts.subscribers) == {("T1", "C1"): {"U1": "2026-11-25"}}
    assert [database.run_sync(alerts.remove, "T1", "C1", "U1") for _ in range(2)] == [True, False]


def test_a_reading_is_held_by_one(database: Database) -> None:
    """Nobody takes it while it is held; left off, one does, and finds how far it was."""
    reading = HistoryRead("T1", "C1", "U1", "7d", 1.0, "UTC", "D1", "2.0", 0.0)
    assert [database.run_sync(history_reads.add, reading, 100.0) for _ in range(2)] == [True, False]
    assert database.run_sync(history_reads.take_abandoned, 99.0, 200.0) is None
    further = HistoryRead("T1", "C1", "U1", "7d", 1.0, "UTC", "D1", "2.0", 0.0, "1.5", "{}")
    database.run_sync(history_reads.save_progress, further, 150.0)
    assert database.run_sync(history_reads.take_abandoned, 151.0, 200.0) == further
    assert database.run_sync(history_reads.take_abandoned, 151.0, 200.0) is None
    database.run_sync(history_reads.remove, further)
    assert database.run_sync(history_reads.take_abandoned, 999.0, 1000.0) is None
