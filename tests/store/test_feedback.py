"""Feedback counts."""

from datetime import date

from bot.store import feedback
from bot.store.claims import Effect
from bot.store.database import Database
from bot.store.feedback import FeedbackCount

CONFIRMED = FeedbackCount("m", "POSITIVE", "POSITIVE", "")


def test_totals(database: Database) -> None:
    """Counts of all days and workspaces are summed up, most frequent first."""
    database.run_sync(feedback.add, "T1", date(2026, 11, 1), FeedbackCount("m", "POSITIVE", "NEUTRAL", "Korean"))
    for team, day in (("T1", 1), ("T1", 1), ("T2", 2)):
        database.run_sync(feedback.add, team, date(2026, 11, day), CONFIRMED)
    totals = database.run_sync(feedback.totals)
    assert [(total.language, total.count) for total in totals] == [("", 3), ("Korean", 1)]


def test_once_per_result(database: Database) -> None:
    """Feedback on the same result is counted once."""
    added = [database.run_sync(feedback.add_once, Effect("T1", "C1", "1.1", "U1"), 0.0, CONFIRMED) for _ in range(2)]
    assert added == [True, False]
    assert [total.count for total in database.run_sync(feedback.totals)] == [1]
