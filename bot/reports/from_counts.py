"""Conversion of a watched channel's stored counts."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from bot.reports.report import WindowCounts
from bot.reports.windows import Slot, Window
from bot.store.channels.counts import Day, Hour


def window_counts(window: Window, hours: Sequence[Hour], days: Sequence[Day]) -> WindowCounts:
    """Sum up the counts of hours by day; hours of other days are ignored.

    ``days`` are the days of the window with messages, in order. Their bounds are those of the time of counting, which
    differ from the window's if the channel's time zone was changed.
    """
    labels: list[Counter[str]] = [Counter() for _ in days]
    starts = [day.start for day in days]
    for hour in hours:
        i = bisect_right(starts, hour.start) - 1
        if i >= 0 and hour.start < days[i].end:
            labels[i][hour.label] += hour.count
    slots = tuple(Slot(day.start, day.end, counts, day.people) for day, counts in zip(days, labels, strict=True))
    return WindowCounts(window, slots, max((slot.people or 0 for slot in slots if slot.total), default=0))
