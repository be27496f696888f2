"""Counting of classified messages in a window."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from bot.reports.report import WindowCounts
from bot.reports.windows import Slot, Window


class WindowCounter:
    """Counts the messages and authors in each slot of a window."""

    def __init__(self, window: Window, *, authors_known: bool) -> None:
        self._window = window
        self._authors_known = authors_known
        self._counts: list[Counter[str]] = [Counter() for _ in window.edges[1:]]
        self._people: list[set[int]] = [set() for _ in window.edges[1:]]

    def add(self, time: datetime, label: str, person: int | None) -> None:
        """Count a message if it is in the window. ``person`` identifies its author; None if unknown."""
        i = bisect_right(self._window.edges, time) - 1
        if 0 <= i < len(self._counts):
            self._counts[i][label] += 1
            if person is not None:
                self._people[i].add(person)

    def state(self) -> dict[str, Any]:
        """Return the counts so far in a form that JSON can represent."""
        return {"counts": self._counts, "people": [sorted(people) for people in self._people]}

    def restore(self, state: Mapping[str, Sequence[Any]]) -> None:
        """Continue from what :meth:`state` returned for the same window."""
        self._counts = [Counter(counts) for counts in state["counts"]]
        self._people = [set(people) for people in state["people"]]

    def result(self) -> WindowCounts:
        """Return the counts so far."""
        spans = pairwise(self._window.edges)
        slots = tuple(
            Slot(start, end, dict(counts), len(people) if self._authors_known else None)
            for (start, end), counts, people in zip(spans, self._counts, self._people, strict=True)
        )
        days = [set().union(*self._people)] if self._window.hourly else self._people
        return WindowCounts(self._window, slots, max(map(len, days)) if self._authors_known else None)
