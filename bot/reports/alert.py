"""Detection of an unusual rise of a label in a channel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.reports.counter import window_counts
from bot.reports.intervals import Deviation, measure_deviation
from bot.reports.windows import MIN_PEOPLE, Slot, Window

if TYPE_CHECKING:
    from bot.store.channels.counts import Day, Hour

SIGNIFICANCE = 0.001
"""The highest probability of an alert on a slot that does not differ from the earlier ones."""

MIN_MESSAGES = 20
MIN_SLOTS = 14

WEEKS = 4
"""With how many weeks of a channel its current day is compared."""

_HOUR = timedelta(hours=1)


def compared_days(now: datetime, zone: ZoneInfo) -> Window:
    """Return the current day and the days that it is compared with."""
    return Window.days(now.astimezone(zone).date() + timedelta(days=1), 7 * WEEKS + 1, zone)


def detect_today(hours: Sequence["Hour"], days: Sequence["Day"], now: datetime) -> Deviation | None:
    """Compare the counts of the current day with the same hours of the days before; see :func:`detect_alert`."""
    slots = same_hours(hours, days, now)
    return detect_alert(slots[-1], slots[:-1]) if slots else None


def same_hours(hours: Sequence["Hour"], days: Sequence["Day"], now: datetime) -> list[Slot]:
    """Return for each day the slot of its first hours, as many as have passed today; none if nobody wrote today."""
    if not days or not days[-1].start <= now < days[-1].end:
        return []
    passed = (now - days[-1].start) // _HOUR * _HOUR
    early = [one for one in hours if any(day.start <= one.start < day.start + passed for day in days)]
    return list(window_counts(early, days).slots)


def detect_alert(recent: Slot, earlier: Sequence[Slot], label: str = "NEGATIVE") -> Deviation | None:
    """Compare ``recent`` with ``earlier``, and return the deviation if ``label`` is significantly more frequent.

    Returns None without a significant rise, and if there are too few data: fewer than ``MIN_PEOPLE`` authors or
    ``MIN_MESSAGES`` messages in ``recent``, or fewer than ``MIN_SLOTS`` earlier slots with messages. The earlier slots
    must be as long as ``recent``: shorter ones vary more, longer ones less.
    """
    if (recent.people or 0) < MIN_PEOPLE or recent.total < MIN_MESSAGES:
        return None
    if sum(slot.total > 0 for slot in earlier) < MIN_SLOTS:
        return None
    deviation = measure_deviation(recent, earlier, label, SIGNIFICANCE)
    return deviation if deviation.share > deviation.expected and deviation.p_value < SIGNIFICANCE else None
