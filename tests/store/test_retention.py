"""Deletion of expired rows."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
import sqlalchemy as sql

from bot.errors import BotError
from bot.slack.recovery.lifecycle import running_in_background
from bot.store import claims, feedback, retention
from bot.store.claims import Effect
from bot.store.database import Database
from bot.store.feedback import FeedbackCount
from bot.store.retention import DAY_SECONDS, delete_expired_daily, oldest_value
from tests.support.bot_in_emulator import FAST_TIMING

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
KEEP = {"keep_days": 400, "keep_claims_days": 7}


def add_feedback(database: Database, *ages: int) -> None:
    """Add feedback from some days ago, with its age in place of the language."""
    for age in ages:
        day = NOW.date() - timedelta(days=age)
        database.run_sync(feedback.add, "T1", day, FeedbackCount("m", "POSITIVE", "POSITIVE", str(age)))


def feedback_ages(database: Database) -> set[str]:
    """Return the ages of the feedback that is left."""
    return {total.language for total in database.run_sync(feedback.totals)}


def test_feedback(database: Database) -> None:
    """Feedback is kept for 400 days, whatever the time zone of the clock."""
    add_feedback(database, 399, 400, 401, 5000)
    now = NOW.astimezone(timezone(timedelta(hours=-8)))
    deleted = database.run_sync(retention.delete_expired, now, KEEP)
    assert {table.name: count for table, count in deleted.items()}["feedback"] == 2
    assert feedback_ages(database) == {"399", "400"}


def test_claims(database: Database) -> None:
    """Claims are kept for a week."""
    for age in (6.9, 7.1):
        effect = Effect("T1", "C1", str(age), "reply")
        database.run_sync(claims.claim_and_complete, effect, (NOW - timedelta(days=age)).timestamp())
    deleted = database.run_sync(retention.delete_expired, NOW, KEEP)
    assert {table.name: count for table, count in deleted.items()}["claims"] == 1
    assert not database.run_sync(claims.claim_and_complete, Effect("T1", "C1", "6.9", "reply"), NOW.timestamp())


@pytest.mark.parametrize(
    ("kind", "old", "young"),
    [
        (sql.String(), "2026-11-16T23", "2026-11-17T00"),
        (sql.Float(), NOW.timestamp() - 7 * 86400 - 1, NOW.timestamp() - 7 * 86400),
        (sql.Integer(), int(NOW.timestamp()) - 7 * 86400 - 1, int(NOW.timestamp()) - 7 * 86400),
    ],
    ids=["string", "float", "integer"],
)
def test_column_types(kind: sql.types.TypeEngine[object], old: object, young: object) -> None:
    """The limit has the type of the column; it is exact for numbers, and a date for strings."""
    oldest = oldest_value(sql.Column("at", kind), NOW, 7)
    assert old < oldest <= young  # type: ignore[operator] # of one type in each case


async def test_daily(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Expired rows are deleted at once and then every day, also after a day when the database failed."""
    now, sleeping, wake = [NOW], asyncio.Event(), asyncio.Queue[None]()
    failing = False
    add_feedback(database, 399, 400)

    async def sleep(seconds: float) -> None:
        assert seconds == DAY_SECONDS
        sleeping.set()
        await wake.get()
        now[0] += timedelta(days=1)

    def clock() -> datetime:
        if failing:
            raise BotError("unreachable")
        return now[0]

    async def next_day() -> set[str]:
        sleeping.clear()
        wake.put_nowait(None)
        await asyncio.wait_for(sleeping.wait(), 10)
        return feedback_ages(database)

    async with running_in_background(FAST_TIMING, partial(delete_expired_daily, database, KEEP, clock, sleep)):
        await asyncio.wait_for(sleeping.wait(), 10)
        assert feedback_ages(database) == {"399", "400"}
        assert await next_day() == {"399"}
        failing = True
        assert await next_day() == {"399"}
        assert "Deleting expired rows failed" in caplog.text
        failing = False
        assert await next_day() == set()
