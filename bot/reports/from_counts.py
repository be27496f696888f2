"""What a database keeps of a watched channel → what was counted in a window."""

from bisect import bisect_right
from collections.abc import Sequence

from bot.reports.report import WindowCounts
from bot.reports.windows import Slot, Window
from bot.store.channels.counts import Day, Hour


def window_counts(window: Window, hours: Sequence[Hour], days: Sequence[Day]) -> WindowCounts:
    """Put hours into the days whose people were counted.

    Args:
        window: of days, or longer than a day.
        hours: of these days, in any order.
        days: those of the window on which anybody wrote, in order. They are as they were when they were counted: where
            a channel's time zone has changed one is longer or shorter than others.
    """
    labels: list[dict[str, int]] = [{} for _ in days]
    begins = [day.begins for day in days]
    for hour in hours:
        i = bisect_right(begins, hour.begins) - 1
        if i >= 0 and hour.begins < days[i].ends:
            labels[i][hour.label] = labels[i].get(hour.label, 0) + hour.count
    slots = tuple(Slot(day.begins, day.ends, counts, day.people) for day, counts in zip(days, labels, strict=True))
    return WindowCounts(window, slots, max((slot.people or 0 for slot in slots if slot.total), default=0))
