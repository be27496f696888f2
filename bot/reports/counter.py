"""Counting of classified messages in a window."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.reports.report import WindowCounts
from bot.reports.windows import Slot, Window


class WindowCounter:
    """Counts the messages and authors in each slot of a window.

    Args:
        window: the window; messages outside it are ignored.
        authors_known: whether the source knows the authors.
    """

    def __init__(self, window: Window, *, authors_known: bool) -> None:
        self._window = window
        self._authors_known = authors_known
        size = len(window.edges) - 1
        self._counts: list[Counter[str]] = [Counter() for _ in range(size)]
        self._people: list[set[int]] = [set() for _ in range(size)]

    def add(self, time: datetime, label: str, person: int | None) -> None:
        """Count a message.

        Args:
            time: its time.
            label: its label.
            person: a number that identifies its author; None if unknown.
        """
        i = bisect_right(self._window.edges, time) - 1
        if not 0 <= i < len(self._counts):
            return
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
        edges = self._window.edges
        sizes = [len(people) for people in self._people]
        most = len(set().union(*self._people)) if self._window.hourly else max(sizes)
        slots = tuple(
            Slot(edges[i], edges[i + 1], dict(counts), sizes[i] if self._authors_known else None)
            for i, counts in enumerate(self._counts)
        )
        return WindowCounts(self._window, slots, most if self._authors_known else None)
