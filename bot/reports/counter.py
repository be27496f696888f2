"""Counting of classified messages, and summing up of the stored counts of a watched channel."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.reports.report import Report, WindowCounts, build_report
from bot.reports.windows import Slot, Window
from bot.reports.words import WordCounter

if TYPE_CHECKING:
    from bot.store.channels.counts import Day, Hour


class ReportCounter:
    """Counts the messages and authors in each slot of a window and of the previous one, and the window's words."""

    def __init__(self, window: Window, *, authors_known: bool = True) -> None:
        before = window.previous().edges[:-1] if window.bounded else ()
        self._window = window
        self._edges = (*before, *window.edges)
        self._slots = {"before": slice(len(before)), "now": slice(len(before), None)}
        self._authors_known = authors_known
        self._counts: list[Counter[str]] = [Counter() for _ in self._edges[1:]]
        self._people: list[set[int]] = [set() for _ in self._edges[1:]]
        self._words: WordCounter | None = WordCounter()

    def add(self, time: datetime, label: str, person: int | None, text: str) -> None:
        """Count a message and the words of ``text``. ``person`` identifies its author; None if unknown."""
        i = bisect_right(self._edges, time) - 1
        if 0 <= i < len(self._counts):
            self._counts[i][label] += 1
            if person is not None:
                self._people[i].add(person)
            if self._words and time >= self._window.edges[0]:
                self._words.add(text, label, person)

    def state(self) -> dict[str, Any]:
        """Return the counts so far in a form that JSON can represent. Words are text, so they are not part of it."""
        return {
            name: {"counts": self._counts[part], "people": [sorted(people) for people in self._people[part]]}
            for name, part in self._slots.items()
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state` returned for the same window. The report will have no keywords."""
        parts = [state[name] for name in self._slots]
        self._counts = [Counter(counts) for part in parts for counts in part["counts"]]
        self._people = [set(people) for part in parts for people in part["people"]]
        self._words = None

    def report(self, labels: Sequence[str], names: Collection[str] = ()) -> Report:
        """Return the report. ``labels`` are those of the model; ``names`` are those of people, and are no keywords."""
        non_neutral = [label for label in labels if label != "NEUTRAL"]
        keywords = self._words.keywords(non_neutral, names) if self._words else []
        missing = self._words is not None and self._words.words_missing
        counts = self.counts("now"), self.counts("before")
        return build_report(self._window, *counts, labels, keywords, words_missing=missing)

    def counts(self, name: str) -> WindowCounts:
        """Return the counts of the window (``now``) or of the previous one (``before``)."""
        part = self._slots[name]
        people = self._people[part]
        slots = tuple(
            Slot(start, end, dict(counts), len(authors) if self._authors_known else None)
            for (start, end), counts, authors in zip(
                list(pairwise(self._edges))[part], self._counts[part], people, strict=True
            )
        )
        days = [set().union(*people)] if self._window.hourly else people
        return WindowCounts(slots, max(map(len, days), default=0) if self._authors_known else None)


def window_counts(hours: Sequence["Hour"], days: Sequence["Day"]) -> WindowCounts:
    """Sum up the stored counts of hours by day; hours of other days are ignored.

    ``days`` are the days of a window with messages, in order. Their bounds are those of the time of counting, which
    differ from the window's if the channel's time zone was changed.
    """
    labels: list[Counter[str]] = [Counter() for _ in days]
    starts = [day.start for day in days]
    for hour in hours:
        i = bisect_right(starts, hour.start) - 1
        if i >= 0 and hour.start < days[i].end:
            labels[i][hour.label] += hour.count
    slots = tuple(Slot(day.start, day.end, counts, day.people) for day, counts in zip(days, labels, strict=True))
    return WindowCounts(slots, max((slot.people or 0 for slot in slots if slot.total), default=0))
