"""The sentences of reports."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.reports.intervals import Deviation
from bot.reports.report import NEGATIVE, Report, WindowCounts, build_report
from bot.reports.text import alt_text, change_text, slot_text
from bot.reports.windows import Slot, Window

WEEK = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
DAY = timedelta(days=1)


def report(people: int) -> Report:
    """Return the report on a week with one day of NEGATIVE messages."""
    slot = Slot(WEEK.edges[0], WEEK.edges[1], {NEGATIVE: 6}, people)
    return build_report(WEEK, WindowCounts((slot,), people), WindowCounts((), 0), [NEGATIVE])


def test_alt_text() -> None:
    """The chart is described by its window, its shares and the largest change."""
    assert alt_text(report(6), "#general") == (
        "Mood of #general, 2026-01-01 to 2026-01-07 (UTC): 6 messages, NEGATIVE 100.0 %. No day stands out."
    )
    assert "too few people" in alt_text(report(4), "#general")
    assert "no messages" in alt_text(Report(WEEK), "#general")


def test_change() -> None:
    """The day that changed most is named with its share and the share before."""
    slot = Slot(WEEK.edges[0], WEEK.edges[1])
    changed = Report(WEEK, labels=report(6).labels, most_changed=Deviation(slot, 0.6, 0.2, 0.0001))
    assert change_text(changed) == (
        "The day that changed most: 2026-01-01, NEGATIVE 60.0 %, compared with 20.0 % before."
    )
    assert change_text(Report(Window.unbounded())) is None


def test_merged_days() -> None:
    """Merged days are named by the first and the last."""
    assert slot_text(Slot(WEEK.edges[0], WEEK.edges[3]), WEEK) == "2026-01-01 to 2026-01-03"
