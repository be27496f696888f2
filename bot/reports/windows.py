"""Windows of time, and what is counted in them: never who, never what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Self
from zoneinfo import ZoneInfo

from bot.errors import ConfigurationError

MIN_PEOPLE = 5
"""So many different people must have written on some day of a window before anything of it is shown."""

CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead a clock may be. What is dated further ahead than that is left out."""

HOURS = 24
WINDOWS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
"""The windows there are, in days; that of one day is counted by the hour."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What was counted in a day or an hour, or in several that were put together.

    Attributes:
        start: when it begins.
        end: when it ends; the next one begins then, or later.
        counts: messages for each label; a label that is not there has none.
        people: how many different people wrote at least; None where nobody knows who wrote.
    """

    start: datetime
    end: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    people: int | None = 0

    @property
    def total(self) -> int:
        """How many messages were counted."""
        return sum(self.counts.values())

    def of(self, label: str) -> int:
        """Return how many messages have ``label``."""
        return self.counts.get(label, 0)


def parse_timezone(name: str) -> ZoneInfo:
    """Return the time zone that IANA calls ``name``, such as Europe/Berlin.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return ZoneInfo(name)
    # A name can be unknown, point out of the database, be a folder of it, or be no name for a file at all.
    except (KeyError, ValueError, OSError):
        shown = "".join(character if character.isprintable() else "?" for character in name[:60])
        raise ConfigurationError(
            f"There is no time zone called {shown!r}. Name one as IANA does, such as Europe/Berlin or UTC."
        ) from None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, cut into days of the calendar or into hours.

    Attributes:
        edges: where slots begin, and at last where the final one ends; in UTC, since times of one zone compare as its
            clocks show them, which is wrong where these are put back.
        timezone: whose days they are.
        hourly: whether the slots are hours.
    """

    edges: tuple[datetime, ...]
    timezone: ZoneInfo
    hourly: bool

    @classmethod
    def ending(cls, until: datetime, name: str, timezone: ZoneInfo) -> Self:
        """Return the window called ``name`` (see ``WINDOWS``) whose last slot has ``until`` in it.

        Days are those of the calendar in ``timezone``: where clocks change they have 23 or 25 hours. The 24 hours are
        24 hours that pass, whatever clocks show.
        """
        local = until.astimezone(timezone)
        if WINDOWS[name] == 1:
            past_the_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            end = until.astimezone(UTC) - past_the_hour + timedelta(hours=1)
            return cls(_hours(end), timezone, hourly=True)
        return cls(_days(local.date() + timedelta(days=1), WINDOWS[name], timezone), timezone, hourly=False)

    @classmethod
    def days(cls, end: date, count: int, timezone: ZoneInfo) -> Self:
        """Return the window of the ``count`` days before ``end``."""
        return cls(_days(end, count, timezone), timezone, hourly=False)

    @classmethod
    def undated(cls) -> Self:
        """Return the window of what has no time: everything is in its one slot."""
        always = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        return cls(always, ZoneInfo("UTC"), hourly=False)

    @property
    def dated(self) -> bool:
        """Whether it is a stretch of time at all."""
        return self.edges[0].year > 1

    def before(self) -> Self:
        """Return the window that ends where this one begins, with as many slots."""
        if not self.dated:
            return self
        first = self.edges[0]
        if self.hourly:
            return type(self)(_hours(first), self.timezone, hourly=True)
        day = first.astimezone(self.timezone).date()
        return type(self)(_days(day, len(self.edges) - 1, self.timezone), self.timezone, hourly=False)

    def local(self, time: datetime) -> datetime:
        """Return ``time`` as the clocks of the window's time zone show it."""
        return time.astimezone(self.timezone) if self.dated else time


def _hours(end: datetime) -> tuple[datetime, ...]:
    return tuple(end - timedelta(hours=left) for left in range(HOURS, -1, -1))


def _days(end: date, count: int, timezone: ZoneInfo) -> tuple[datetime, ...]:
    """Return when each of the ``count`` days before ``end`` begins, and when the last one ends.

    Where clocks skip midnight a day begins at the moment at which they are put forward.
    """
    days = (end - timedelta(days=left) for left in range(count, -1, -1))
    return tuple(datetime.combine(day, clock(), timezone).astimezone(UTC) for day in days)


def merge_small_slots(slots: Sequence[Slot], people: int | None) -> list[Slot] | None:
    """Put slots in which few people wrote together with their neighbours, so that no figure points at anybody.

    A slot of fewer than ``FEWEST_PEOPLE`` goes to the nearest one that has them, the earlier of two. Slots without any
    message say nothing about anybody: they are left out, and are gaps.

    Args:
        slots: of one window, in order.
        people: the most different people on any day of it: that is one day, so of hours it is known only to who
            counted them; None where nobody knows who wrote.

    Returns:
        What may be shown, in order; None if nothing may.
    """
    used = [i for i, slot in enumerate(slots) if slot.total]
    if people is None or not used:
        return [slots[i] for i in used]
    if people < MIN_PEOPLE:
        return None
    anchors = [i for i in used if (slots[i].people or 0) >= MIN_PEOPLE]
    if not anchors:  # hours of a day that had enough people
        return [combine([slots[i] for i in used], people)]
    groups: dict[int, list[Slot]] = {anchor: [] for anchor in anchors}
    for i in used:
        groups[min(anchors, key=lambda anchor: abs(anchor - i))].append(slots[i])
    return [combine(group, max(slot.people or 0 for slot in group)) for group in groups.values()]


def combine(slots: Sequence[Slot], people: int | None) -> Slot:
    """Put slots together that follow each other; ``people`` is how many different ones wrote at least."""
    labels = dict.fromkeys(label for slot in slots for label in slot.counts)
    counts = {label: sum(slot.of(label) for slot in slots) for label in labels}
    return Slot(slots[0].start, slots[-1].end, counts, people)
