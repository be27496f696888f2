"""Due times of digests in a channel's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIOD_DAYS = {"daily": 1, "weekly": 7}
"""The days between two digests, which are also the days that a digest covers, by how often there is one."""

LATE_AFTER = timedelta(hours=1)
"""A digest that is posted later than this after its due time mentions the delay."""


def latest_due(every: str, hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the latest due time up to ``now``, in UTC. Weekly digests are due on Mondays.

    If the clocks skip the hour, the next hour counts; if it occurs twice, the first time counts.
    """
    day = now.astimezone(zone).date()
    while _at(day, hour, zone) > now or (every == "weekly" and day.weekday() > 0):
        day -= timedelta(days=1)
    return _at(day, hour, zone)


def next_due(every: str, hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the first due time after ``now``, in UTC."""
    day = latest_due(every, hour, zone, now).astimezone(zone).date()
    return _at(day + timedelta(days=PERIOD_DAYS[every]), hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
