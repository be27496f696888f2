"""Windows of time, and who may be counted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ConfigurationError
from bot.reports.counter import WindowCounter
from bot.reports.report import WindowCounts, build_report
from bot.reports.windows import Slot, Window, merge_small_slots, parse_timezone
from tests.support.simulated import START

BERLIN = ZoneInfo("Europe/Berlin")


def slots(people: Sequence[int]) -> list[Slot]:
    """Return a day for each of ``people``, with a message by each of them."""
    day = timedelta(days=1)
    return [Slot(START + i * day, START + (i + 1) * day, {"NEGATIVE": n} if n else {}, n) for i, n in enumerate(people)]


def test_days_where_clocks_change() -> None:
    """The day on which clocks go back has 25 hours, the one on which they go forward 23, and both meet at midnight."""
    window = Window.ending(datetime(2026, 10, 26, 12, tzinfo=UTC), "7d", BERLIN)
    lengths = [(end - start) / timedelta(hours=1) for start, end in zip(window.edges, window.edges[1:], strict=False)]
    assert lengths == [24, 24, 24, 24, 24, 25, 24]
    assert all(window.local(edge).hour == 0 for edge in window.edges)
    assert window.before().edges[-1] == window.edges[0]
    assert len(window.before().edges) == 8
    spring = Window.ending(datetime(2026, 3, 29, 12, tzinfo=UTC), "7d", BERLIN)
    assert spring.edges[-1] - spring.edges[-2] == timedelta(hours=23)


def test_the_hour_that_comes_twice() -> None:
    """Messages of the two hours between 2 and 3 when clocks go back are counted apart, each once."""
    window = Window.ending(datetime(2026, 10, 25, 8, tzinfo=UTC), "24h", BERLIN)
    assert len(window.edges) == 25
    tally = WindowCounter(window, authors_known=True)
    for hour in (0, 1):
        tally.add(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), "NEGATIVE", hour)
    used = [slot for slot in tally.counted().slots if slot.total]
    assert [window.local(slot.start).hour for slot in used] == [2, 2]
    assert [slot.total for slot in used] == [1, 1]


def test_a_day_without_midnight() -> None:
    """Where clocks skip midnight, days still follow each other without a gap."""
    window = Window.ending(datetime(2018, 11, 5, 12, tzinfo=UTC), "7d", ZoneInfo("America/Sao_Paulo"))
    assert window.edges[-2] - window.edges[-3] == timedelta(hours=23)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe", "a\x00b", "x" * 5000, "\x1b[31m"])
def test_no_such_time_zone(name: str) -> None:
    """One line says so."""
    with pytest.raises(ConfigurationError) as raised:
        parse_timezone(name)
    assert len(str(raised.value).splitlines()) == 1
    assert "\x1b" not in str(raised.value)


def test_days_of_few_people_are_merged() -> None:
    """A day of fewer than five people is only shown together with the nearest day of five; empty days are gaps."""
    found = merge_small_slots(slots([2, 6, 0, 1, 0, 0, 4, 5]), 6)
    assert found is not None
    assert [slot.total for slot in found] == [9, 9]
    assert all(slot.people is not None and slot.people >= 5 for slot in found)
    assert found[0].start == START
    assert found[0].end <= found[1].start


def test_too_few_people() -> None:
    """Where no day has five people nothing is shown, not even how many messages there were."""
    assert merge_small_slots(slots([4, 4, 4, 4]), 4) is None
    window = Window.ending(START + timedelta(days=6), "7d", ZoneInfo("UTC"))
    few = WindowCounts(window, tuple(slots([4] * 7)), 4)
    many = WindowCounts(window, tuple(slots([5] * 7)), 5)
    hidden = build_report(few, many, ["NEGATIVE"])
    assert hidden.withheld
    assert (hidden.total, hidden.rows, hidden.trend) == (0, (), ())
    alone = build_report(many, few, ["NEGATIVE"])
    assert alone.rows[0].now.value == 1
    assert alone.rows[0].change is None


def test_hours_of_a_day_with_people() -> None:
    """Hours with few people each are shown as one, if five wrote in all of them together."""
    found = merge_small_slots(slots([2, 2, 2]), 6)
    assert found is not None
    assert [slot.total for slot in found] == [6]
