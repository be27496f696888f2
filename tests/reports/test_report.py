"""Reports, and the day that changed most."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

from benchmarks.simulation import START, day, days
from bot.reports.report import NEGATIVE, WindowCounts, build_report, find_most_changed
from bot.reports.windows import Slot, Window

WEEK = Window.ending(START + timedelta(days=6), "7d", ZoneInfo("UTC"))


def counts(people: int) -> WindowCounts:
    """Return a week with this number of authors on each day, and one NEGATIVE message by each of them."""
    slots = (
        Slot(START + timedelta(days=i), START + timedelta(days=i + 1), {NEGATIVE: people}, people) for i in range(7)
    )
    return WindowCounts(tuple(slots), people)


def test_too_few_people() -> None:
    """If fewer than five people wrote on every day, the report is empty, and is not compared with."""
    hidden = build_report(WEEK, counts(4), counts(5), [NEGATIVE])
    assert hidden.too_few_people
    assert (hidden.total, hidden.labels, hidden.trend) == (0, (), ())
    (row,) = build_report(WEEK, counts(5), counts(4), [NEGATIVE]).labels
    assert (row.share.value, row.change) == (1, None)


def test_change() -> None:
    """With data in both windows, each label has its change."""
    report = build_report(WEEK, counts(6), counts(5), [NEGATIVE, "POSITIVE"])
    assert report.has_previous
    assert [(row.label, row.count, row.change and row.change.value) for row in report.labels] == [
        (NEGATIVE, 42, 0),
        ("POSITIVE", 0, 0),
    ]


def test_window_before_with_few_messages() -> None:
    """A window before with fewer than twenty messages is not compared with, even if enough people wrote in it."""
    few = WindowCounts(counts(6).slots[:3], 6)
    report = build_report(WEEK, counts(6), few, [NEGATIVE])
    assert not report.has_previous
    assert report.labels[0].change is None


def test_day_of_a_shift() -> None:
    """If the mood falls and stays low, the first day of the change is found, in spite of gaps between days."""
    rng = random.Random(5)
    slots = [day(rng, 60, 0.15 if i < 20 else 0.6, 0.005, i) for i in range(30) if i not in (4, 5, 18)]
    found = find_most_changed(slots[8:], slots[:8], NEGATIVE)
    assert found is not None
    assert found.slot.start == START + timedelta(days=20)


def test_noise() -> None:
    """Without a change, a day is found in at most about one of twenty windows."""
    rng = random.Random(6)
    found = 0
    for _ in range(300):
        slots = days(rng, 30, 60, 0.2, 0.02)
        found += find_most_changed(slots[15:], slots[:15], NEGATIVE) is not None
    assert found <= 24


def test_quiet_channel() -> None:
    """A day with 71 % in a channel with few messages, where no other has more than a third, is found at the end."""
    counts = [(1, 8), (2, 7), (2, 7), (2, 6), (2, 6), (1, 8), (0, 7), (0, 5), (1, 6), (2, 8), (2, 7), (2, 7), (1, 6)]
    slots = [
        Slot(START + timedelta(days=i), START + timedelta(days=i + 1), {NEGATIVE: bad, "NEUTRAL": total - bad}, 6)
        for i, (bad, total) in enumerate([*counts, (12, 17)])
    ]
    for past in (0, 7):
        found = find_most_changed(slots[past:], slots[:past], NEGATIVE)
        assert found is not None
        assert found.slot is slots[-1]


def test_noise_in_quiet_channels() -> None:
    """In quiet channels, too, a day is found in at most about one of twenty windows without a change."""
    rng = random.Random(6)
    found = 0
    for i in range(300):
        slots = days(rng, 21, 8, 0.2, (0, 0.02, 0.05)[i % 3])
        found += find_most_changed(slots[7:], slots[:7], NEGATIVE) is not None
    assert found <= 24
