"""Conversion of stored counts."""

from datetime import timedelta

from benchmarks.simulation import START
from bot.reports.from_counts import window_counts
from bot.reports.windows import Window
from bot.store.channels.counts import Day, Hour

HOUR = timedelta(hours=1)


def test_hours_are_summed_up_by_day() -> None:
    """Each hour belongs to the day that contains it; hours outside all days are ignored."""
    days = [Day(START, START + 23 * HOUR, 5), Day(START + 24 * HOUR, START + 48 * HOUR, 7)]
    hours = [Hour(START + hour * HOUR, "NEGATIVE", 2) for hour in (-1, 0, 22, 23, 24, 48)]
    found = window_counts(Window.unbounded(), hours, days)
    assert [(slot.count("NEGATIVE"), slot.people) for slot in found.slots] == [(4, 5), (2, 7)]
    assert found.people == 7
