"""Due times of digests."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.reports.schedule import PERIOD_DAYS, latest_due, next_due

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants no time zone here


@given(TIMES, st.sampled_from(sorted(PERIOD_DAYS)), st.integers(0, 23), ZONES)
def test_due_once_a_period(now: datetime, every: str, hour: int, name: str) -> None:
    """The due times before and after ``now`` are consecutive, at the hour, unless clocks skip it, and on Mondays."""
    zone = ZoneInfo(name)
    due, following = latest_due(every, hour, zone, now), next_due(every, hour, zone, now)
    assert due <= now < following
    assert latest_due(every, hour, zone, following) == following
    assert latest_due(every, hour, zone, following - timedelta(seconds=1)) == due
    assert following.astimezone(zone).hour in (hour, hour + 1)
    assert every == "daily" or following.astimezone(zone).weekday() == 0


def test_clock_changes() -> None:
    """Nine o'clock in Berlin is nine o'clock in summer and in winter; a skipped hour is the next one."""
    berlin = ZoneInfo("Europe/Berlin")
    hours = [latest_due("daily", 9, berlin, datetime(2026, 10, day, 12, tzinfo=UTC)).hour for day in (24, 25, 26)]
    assert hours == [7, 8, 8]
    skipped = latest_due("daily", 2, berlin, datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert skipped == datetime(2026, 3, 29, 1, tzinfo=UTC)  # three o'clock in Berlin
