"""Counting of messages in a window."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.reports.counter import WindowCounter
from bot.reports.windows import Window


def test_repeated_hour() -> None:
    """If clocks go back, messages of the two hours between 2 and 3 are counted in separate slots."""
    window = Window.ending(datetime(2026, 10, 25, 8, tzinfo=UTC), "24h", ZoneInfo("Europe/Berlin"))
    counter = WindowCounter(window, authors_known=True)
    for hour in (0, 1):
        counter.add(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "NEGATIVE", hour)
    used = [slot for slot in counter.result().slots if slot.total]
    assert [window.local(slot.start).hour for slot in used] == [2, 2]
    assert [slot.total for slot in used] == [1, 1]


def test_authors() -> None:
    """Authors are counted once a day; the window has the highest number of a day, or None if they are unknown."""
    window = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
    known, unknown = WindowCounter(window, authors_known=True), WindowCounter(window, authors_known=False)
    for day, person in ((1, 1), (1, 1), (1, 2), (2, 3), (9, 4)):
        known.add(datetime(2026, 1, day, tzinfo=UTC), "NEGATIVE", person)
        unknown.add(datetime(2026, 1, day, tzinfo=UTC), "NEGATIVE", None)
    assert ([slot.people for slot in known.result().slots][:3], known.result().people) == ([2, 1, 0], 2)
    assert (unknown.result().slots[0].people, unknown.result().people) == (None, None)
    assert known.result().total == 4


def test_restored() -> None:
    """A counter continues from the state of another one, by way of JSON."""
    window = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
    counters = [WindowCounter(window, authors_known=True) for _ in range(2)]
    counters[0].add(datetime(2026, 1, 1, tzinfo=UTC), "NEGATIVE", 1)
    counters[1].restore(json.loads(json.dumps(counters[0].state())))
    for counter in counters:
        counter.add(datetime(2026, 1, 1, tzinfo=UTC), "NEGATIVE", 1)
    assert counters[0].result() == counters[1].result()
    assert (counters[0].result().total, counters[0].result().people) == (2, 1)
