"""Time windows, and message counts in their slots. No authors and no text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.errors import ConfigurationError

MIN_PEOPLE = 5
"""The number of people who must have written on at least one day of a window before anything of it is shown."""

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead a clock may be. Messages further in the future are ignored."""

WINDOWS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
"""The length in days of each window. The slots of the first are hours, those of the others days."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The message counts by label of a day or an hour, or of several that were merged."""

    start: datetime
    end: datetime  # exclusive
    counts: Mapping[str, int] = field(default_factory=dict)
    people: int | None = 0  # a lower bound of the number of authors; None if unknown

    @property
    def total(self) -> int:
        """The number of messages."""
        return sum(self.counts.values())

    def count(self, label: str) -> int:
        """Return the number of messages with ``label``."""
        return self.counts.get(label, 0)


def parse_timezone(name: str) -> ZoneInfo:
    """Return the IANA time zone ``name``, such as Europe/Berlin; raise ConfigurationError if there is none."""
    try:
        return ZoneInfo(name)
    # The name may be unknown, a path outside the database, a folder in it, or no file name at all.
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"There is no time zone called {name[:60]!r}. Write a city's, such as Europe/Berlin, or UTC."
        ) from None


@dataclass(frozen=True, slots=True)
class Window:
    """A period, divided into slots: calendar days in a time zone, or hours.

    ``edges`` are the starts of all slots and the end of the last one. They are in UTC, because times of the same zone
    compare by their local values, which is wrong where clocks are put back.
    """

    edges: tuple[datetime, ...]
    timezone: ZoneInfo
    hourly: bool

    @classmethod
    def ending(cls, until: datetime, name: str, timezone: ZoneInfo) -> Self:
        """Return the window ``name`` (see ``WINDOWS``) whose last slot contains ``until``.

        Days are calendar days in ``timezone``, with 23 or 25 hours where clocks change. 24h is always 24 hours.
        """
        local = until.astimezone(timezone)
        if WINDOWS[name] == 1:
            past_the_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            end = until.astimezone(UTC) - past_the_hour + timedelta(hours=1)
            return cls(_hours(end), timezone, hourly=True)
        return cls.days(local.date() + timedelta(days=1), WINDOWS[name], timezone)

    @classmethod
    def days(cls, end: date, count: int, timezone: ZoneInfo) -> Self:
        """Return the window of the ``count`` days before ``end``."""
        days = (end - timedelta(days=left) for left in range(count, -1, -1))
        # Where clocks skip midnight, the day starts at the change.
        edges = tuple(datetime.combine(day, time.min, timezone).astimezone(UTC) for day in days)
        return cls(edges, timezone, hourly=False)

    @classmethod
    def unbounded(cls) -> Self:
        """Return the window of messages without times: one slot that contains everything."""
        always = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        return cls(always, ZoneInfo("UTC"), hourly=False)

    @property
    def bounded(self) -> bool:
        """Whether the window has a start and an end."""
        return self.edges[0].year > 1

    def previous(self) -> Self:
        """Return the window before this one, with as many slots."""
        if not self.bounded:
            return self
        first = self.edges[0]
        if self.hourly:
            return type(self)(_hours(first), self.timezone, hourly=True)
        return self.days(first.astimezone(self.timezone).date(), len(self.edges) - 1, self.timezone)

    def local(self, at: datetime) -> datetime:
        """Return a time in the window's time zone."""
        return at.astimezone(self.timezone) if self.bounded else at


def _hours(end: datetime) -> tuple[datetime, ...]:
    return tuple(end - timedelta(hours=left) for left in range(24, -1, -1))


def merge_small_slots(slots: Sequence[Slot], people: int | None) -> list[Slot] | None:
    """Merge slots with few authors into their neighbours, so that no figure identifies anybody.

    A slot with fewer than ``MIN_PEOPLE`` authors is merged into the nearest slot that has as many, the earlier of two.
    Slots without messages are left out. Returns None if nothing may be shown, because ``people``, the highest number of
    authors on any day of the window (None if unknown), is too low.
    """
    used = [i for i, slot in enumerate(slots) if slot.total]
    if people is None or not used:
        return [slots[i] for i in used]
    if people < MIN_PEOPLE:
        return None
    anchors = [i for i in used if (slots[i].people or 0) >= MIN_PEOPLE]
    if not anchors:  # hours of a day with enough authors
        return [combine([slots[i] for i in used], people)]
    groups: dict[int, list[Slot]] = {anchor: [] for anchor in anchors}
    for i in used:
        groups[min(anchors, key=lambda anchor: abs(anchor - i))].append(slots[i])
    return [combine(group, max(slot.people or 0 for slot in group)) for group in groups.values()]


def combine(slots: Sequence[Slot], people: int | None) -> Slot:
    """Merge consecutive slots; ``people`` is the lower bound of the number of authors."""
    labels = dict.fromkeys(label for slot in slots for label in slot.counts)
    counts = {label: sum(slot.count(label) for slot in slots) for label in labels}
    return Slot(slots[0].start, slots[-1].end, counts, people)
