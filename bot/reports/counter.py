"""Messages that were judged → what is counted of them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.reports.report import WindowCounts
from bot.reports.windows import Slot, Window


class WindowCounter:
    """Counts the messages of one window.

    Args:
        window: what is outside is not counted.
        authors_known: whether the source says who wrote.
    """

    def __init__(self, window: Window, *, authors_known: bool) -> None:
        self._window = window
        self._known = authors_known
        size = len(window.edges) - 1
        self._counts: list[dict[str, int]] = [{} for _ in range(size)]
        self._people: list[set[int]] = [set() for _ in range(size)]

    def add(self, time: datetime, label: str, person: int | None) -> None:
        """Count a message.

        Args:
            time: when it was written.
            label: how it reads.
            person: a number for who wrote it; None if nobody knows.
        """
        i = bisect_right(self._window.edges, time) - 1
        if not 0 <= i < len(self._counts):
            return
        self._counts[i][label] = self._counts[i].get(label, 0) + 1
        if person is not None:
            self._people[i].add(person)

    def state(self) -> dict[str, Any]:
        """Return what was counted so far, for JSON."""
        return {"counts": self._counts, "people": [sorted(people) for people in self._people]}

    def restore(self, state: Mapping[str, Sequence[Any]]) -> None:
        """Go on from what :meth:`state` returned for the same window."""
        self._counts = [dict(counts) for counts in state["counts"]]
        self._people = [set(people) for people in state["people"]]

    def counted(self) -> WindowCounts:
        """Return what was counted."""
        edges = self._window.edges
        sizes = [len(people) for people in self._people]
        most = len(set().union(*self._people)) if self._window.hourly else max(sizes)
        slots = tuple(
            Slot(edges[i], edges[i + 1], dict(counts), sizes[i] if self._known else None)
            for i, counts in enumerate(self._counts)
        )
        return WindowCounts(self._window, slots, most if self._known else None)
