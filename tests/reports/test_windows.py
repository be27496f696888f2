"""Time windows, and merging of slots with few authors."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from benchmarks.simulation import START
from bot.errors import ConfigurationError
from bot.reports.windows import Slot, Window, merge_small_slots, parse_timezone

BERLIN = ZoneInfo("Europe/Berlin")


def slots(people: Sequence[int]) -> list[Slot]:
    """Return a day for each of ``people``, with that number of authors and messages."""
    day = timedelta(days=1)
    return [Slot(START + i * day, START + (i + 1) * day, {"NEGATIVE": n} if n else {}, n) for i, n in enumerate(people)]


def test_days_with_clock_changes() -> None:
    """A day has 25 hours where clocks go back and 23 where they go forward, and starts at midnight."""
    window = Window.ending(datetime(2026, 10, 26, 12, tzinfo=UTC), "7d", BERLIN)
    lengths = [(end - start) / timedelta(hours=1) for start, end in zip(window.edges, window.edges[1:], strict=False)]
    assert lengths == [24, 24, 24, 24, 24, 25, 24]
    assert all(window.local(edge).hour == 0 for edge in window.edges)
    assert window.previous().edges[-1] == window.edges[0]
    assert len(window.previous().edges) == 8
    spring = Window.ending(datetime(2026, 3, 29, 12, tzinfo=UTC), "7d", BERLIN)
    assert spring.edges[-1] - spring.edges[-2] == timedelta(hours=23)


def test_24_hours() -> None:
    """The window of 24 hours has 24 slots where clocks change too, and the previous one ends at its start."""
    window = Window.ending(datetime(2026, 10, 25, 8, 30, tzinfo=UTC), "24h", BERLIN)
    assert window.edges[-1] == datetime(2026, 10, 25, 9, tzinfo=UTC)
    assert window.edges[-1] - window.edges[0] == timedelta(hours=24)
    assert [len(one.edges) for one in (window, window.previous())] == [25, 25]
    assert window.previous().edges[-1] == window.edges[0]


def test_day_without_midnight() -> None:
    """If clocks skip midnight, there is no gap between days."""
    window = Window.ending(datetime(2018, 11, 5, 12, tzinfo=UTC), "7d", ZoneInfo("America/Sao_Paulo"))
    assert window.edges[-2] - window.edges[-3] == timedelta(hours=23)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe", "a\x00b", "x" * 5000, "\x1b[31m"])
def test_unknown_time_zone(name: str) -> None:
    """An unknown time zone is an error of one printable line."""
    with pytest.raises(ConfigurationError) as raised:
        parse_timezone(name)
    assert len(str(raised.value).splitlines()) == 1
    assert "\x1b" not in str(raised.value)


def test_days_with_few_authors_are_merged() -> None:
    """A day with fewer than five authors is merged into the nearest day with five; empty days are gaps."""
    found = merge_small_slots(slots([2, 6, 0, 1, 0, 0, 4, 5]), 6)
    assert found is not None
    assert [slot.total for slot in found] == [9, 9]
    assert all(slot.people is not None and slot.people >= 5 for slot in found)
    assert found[0].start == START
    assert found[0].end <= found[1].start


def test_no_day_with_enough_authors() -> None:
    """If no day has five authors, nothing may be shown."""
    assert merge_small_slots(slots([4, 4, 4, 4]), 4) is None


def test_hours_with_few_authors_are_merged() -> None:
    """Hours with few authors are merged into one slot if the day has five."""
    found = merge_small_slots(slots([2, 2, 2]), 6)
    assert found is not None
    assert [slot.total for slot in found] == [6]
