"""Counting of messages in a window, and summing up of stored counts."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.simulation import START
from bot.reports.counter import ReportCounter, window_counts
from bot.reports.windows import Window
from bot.store.channels.counts import Day, Hour

HOUR = timedelta(hours=1)


def test_repeated_hour() -> None:
    """If clocks go back, messages of the two hours between 2 and 3 are counted in separate slots."""
    window = Window.ending(datetime(2026, 10, 25, 8, tzinfo=UTC), "24h", ZoneInfo("Europe/Berlin"))
    counter = ReportCounter(window)
    for hour in (0, 1):
        counter.add(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "NEGATIVE", hour, "text")
    used = [slot for slot in counter.counts("now").slots if slot.total]
    assert [window.local(slot.start).hour for slot in used] == [2, 2]
    assert [slot.total for slot in used] == [1, 1]


def test_authors() -> None:
    """Authors are counted once a day; the window has the highest number of a day, or None if they are unknown."""
    window = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
    known, unknown = ReportCounter(window), ReportCounter(window, authors_known=False)
    for day, person in ((1, 1), (1, 1), (1, 2), (2, 3), (9, 4)):
        known.add(datetime(2026, 1, day, tzinfo=UTC), "NEGATIVE", person, "text")
        unknown.add(datetime(2026, 1, day, tzinfo=UTC), "NEGATIVE", None, "text")
    assert ([slot.people for slot in known.counts("now").slots][:3], known.counts("now").people) == ([2, 1, 0], 2)
    assert (unknown.counts("now").slots[0].people, unknown.counts("now").people) == (None, None)
    assert sum(slot.total for slot in known.counts("now").slots) == 4


def test_restored() -> None:
    """A counter continues from the state of another one, by way of JSON."""
    window = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
    counters = [ReportCounter(window) for _ in range(2)]
    for day in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)):
        counters[0].add(day, "NEGATIVE", 1, "text")
    counters[1].restore(json.loads(json.dumps(counters[0].state())))
    for counter in counters:
        counter.add(datetime(2026, 1, 1, tzinfo=UTC), "NEGATIVE", 1, "text")
    assert all(counters[0].counts(name) == counters[1].counts(name) for name in ("now", "before"))
    now, before = counters[1].counts("now"), counters[1].counts("before")
    assert (now.slots[0].total, now.people, before.slots[-1].total, before.people) == (2, 1, 1, 1)


def test_hours_are_summed_up_by_day() -> None:
    """Each hour belongs to the day that contains it; hours outside all days are ignored."""
    days = [Day(START, START + 23 * HOUR, 5), Day(START + 24 * HOUR, START + 48 * HOUR, 7)]
    hours = [Hour(START + hour * HOUR, "NEGATIVE", 2) for hour in (-1, 0, 22, 23, 24, 48)]
    found = window_counts(hours, days)
    assert [(slot.count("NEGATIVE"), slot.people) for slot in found.slots] == [(4, 5), (2, 7)]
    assert found.people == 7
