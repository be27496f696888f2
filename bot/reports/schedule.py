"""When a digest is due, by the clocks of a channel's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIOD_DAYS = {"daily": 1, "weekly": 7}
"""How many days lie between two digests, which tell of as many."""

LATE_AFTER = timedelta(hours=1)
"""What comes later than this says so."""


def latest_due(every: str, hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the latest time, ``now`` or before, at which a digest is due; weekly ones are on Mondays.

    Where clocks skip the hour it is the one after; where they show it twice it is the first.

    Args:
        every: a key of ``EVERY``.
        hour: of the day, 0 to 23.
        zone: whose clocks show it.
        now: with its time zone.
    """
    day = now.astimezone(zone).date()
    while _at(day, hour, zone) > now or (every == "weekly" and day.weekday() > 0):
        day -= timedelta(days=1)
    return _at(day, hour, zone)


def next_due(every: str, hour: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next time after ``now`` at which a digest is due."""
    day = latest_due(every, hour, zone, now).astimezone(zone).date()
    return _at(day + timedelta(days=PERIOD_DAYS[every]), hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
