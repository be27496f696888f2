"""The sentences of reports."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.reports.intervals import Deviation, Share
from bot.reports.report import NEGATIVE, LabelShare, Report, WindowCounts, build_report
from bot.reports.text import alt_text, comparison_text, heading_text, slot_text, summary_text
from bot.reports.windows import Slot, Window

NOW, UTC_ZONE = datetime(2026, 1, 7, tzinfo=UTC), ZoneInfo("UTC")
WEEK = Window.ending(NOW, "7d", UTC_ZONE)
DAY = timedelta(days=1)


def report(people: int) -> Report:
    """Return the report on a week with one day of NEGATIVE messages."""
    slot = Slot(WEEK.edges[0], WEEK.edges[1], {NEGATIVE: 6}, people)
    return build_report(WEEK, WindowCounts((slot,), people), WindowCounts((), 0), [NEGATIVE])


def test_alt_text() -> None:
    """The chart is described by its window, its shares and the sentence of the report."""
    assert alt_text(report(6), "#general") == (
        "Mood of #general, 2026-01-01 to 2026-01-07 (UTC): 6 messages, Negative 100 %. "
        "100 % of 6 messages are negative."
    )
    assert "too few people" in alt_text(report(4), "#general")
    assert "no messages" in alt_text(Report(WEEK), "#general")


@pytest.mark.parametrize(
    ("change", "share", "expected"),
    [
        (None, 0.6, "25 % of 100 messages are negative; the worst day was 1 January with 60 %"),
        (Share(0.1, 0.05, 0.15), None, "Negative messages rose from 15 % to 25 %; no day stands out."),
        (Share(-0.1, -0.2, -0.05), 0.1, "Negative messages fell from 35 % to 25 %; 1 January stands out with 10 %"),
        (
            Share(0.01, -0.1, 0.1),
            None,
            "Negative messages are at 25 %, after 24 % in the 7 days before, which may be chance; no day",
        ),
        (
            Share(0.01, -0.1, 0.1),
            0.6,
            "Negative messages are at 25 %, after 24 % in the 7 days before; the worst day was",
        ),
    ],
)
def test_summary(change: Share | None, share: float | None, expected: str) -> None:
    """A report begins with how many messages are negative, what changed for certain, and the day that stands out."""
    days = [Slot(WEEK.edges[i], WEEK.edges[i + 1], {NEGATIVE: 1, "POSITIVE": 1}) for i in range(2)]
    found = Report(
        WEEK,
        total=100,
        labels=(LabelShare(NEGATIVE, 25, Share(0.25, 0.2, 0.3), change),),
        trend=tuple(days),
        comparable=True,
        most_changed=None if share is None else Deviation(days[0], share, 0.2, 0.0001),
    )
    assert summary_text(found).startswith(expected)
    assert summary_text(Report(WEEK, total=3)) == "3 messages."


@pytest.mark.parametrize(("days", "messages"), [(5, 60), (7, 4)])
def test_too_little_to_compare(days: int, messages: int) -> None:
    """With too few days, or too few messages on each, a report does not claim that no day stands out."""
    slots = [Slot(WEEK.edges[i], WEEK.edges[i + 1], {"POSITIVE": messages}, 5) for i in range(days)]
    found = build_report(WEEK, WindowCounts(tuple(slots), 5), WindowCounts((), 0), [NEGATIVE, "POSITIVE"])
    assert summary_text(found).endswith("there are too few days or messages to tell whether one day stands out.")


def test_nothing_stands_out() -> None:
    """With enough days to compare, a report without an unusual day says that there is none."""
    slots = [Slot(WEEK.edges[i], WEEK.edges[i + 1], {"POSITIVE": 5}, 5) for i in range(6)]
    found = build_report(WEEK, WindowCounts(tuple(slots), 5), WindowCounts((), 0), [NEGATIVE, "POSITIVE"])
    assert summary_text(found).endswith("; no day stands out.")


def test_merged_days() -> None:
    """Merged days are named by the first and the last."""
    assert slot_text(Slot(WEEK.edges[0], WEEK.edges[3]), WEEK) == "1 January to 3 January"


@pytest.mark.parametrize(
    ("first", "hours", "expected"),
    [
        (14, 1, "14:00 on 3 March"),
        (14, 2, "3 March, 14:00 to 16:00"),
        (22, 2, "3 March, 22:00 to 00:00"),
        (22, 4, "3 March, 22:00 to 4 March, 02:00"),
    ],
)
def test_hours(first: int, hours: int, expected: str) -> None:
    """Hours are named by their day and times."""
    window = Window.ending(datetime(2026, 3, 4, 4, tzinfo=UTC), "24h", ZoneInfo("UTC"))
    start = datetime(2026, 3, 3, first, tzinfo=UTC)
    assert slot_text(Slot(start, start + timedelta(hours=hours)), window) == expected


def test_merged_days_that_stand_out() -> None:
    """Merged days are several."""
    merged = Slot(WEEK.edges[2], WEEK.edges[4], {NEGATIVE: 6, "POSITIVE": 4})
    found = Report(
        WEEK,
        total=100,
        labels=(LabelShare(NEGATIVE, 25, Share(0.25, 0.2, 0.3), None),),
        trend=(Slot(WEEK.edges[0], WEEK.edges[1], {NEGATIVE: 1, "POSITIVE": 9}), merged),
        most_changed=Deviation(merged, 0.6, 0.1, 0.0001),
        comparable=True,
    )
    assert "the worst days were 3 January to 4 January with 60 %, compared with 10 % before." in summary_text(found)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (WEEK, "Nothing to compare with: too few messages or people in the 7 days before."),
        (
            Window.days(NOW.date(), 1, UTC_ZONE),
            "Nothing to compare with: too few messages or people in the day before.",
        ),
        (Window.ending(NOW, "24h", UTC_ZONE), "too few messages or people in the 24 hours before."),
        (Window.unbounded(), None),
    ],
)
def test_nothing_to_compare_with(window: Window, expected: str | None) -> None:
    """A report without a comparison says so, unless there are no times."""
    found = comparison_text(Report(window, total=3))
    assert found == expected or (found and expected and expected in found)
    assert comparison_text(Report(window, total=3, has_previous=True)) is None


def test_start_of_messages() -> None:
    """If the messages begin days after the window, the heading says where."""
    late = Report(WEEK, total=3, trend=(Slot(WEEK.edges[4], WEEK.edges[5], {NEGATIVE: 3}),))
    assert heading_text(late) == "2026-01-01 to 2026-01-07 (UTC), no messages before 2026-01-05"
    assert heading_text(report(6)) == "2026-01-01 to 2026-01-07 (UTC)"
