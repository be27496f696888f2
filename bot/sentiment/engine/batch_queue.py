"""Rows that wait for the model's threads, and which of them make the next batch."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from threading import Condition
from typing import Generic, TypeVar

from bot.sentiment.classifier import TOKENS_PER_BATCH

T = TypeVar("T")

WINDOW = 256
"""Among how many of the rows that wait longest a batch is chosen; bounds what choosing costs."""


@dataclass(frozen=True, slots=True)
class QueuedRow(Generic[T]):
    """One row that waits: whose it is, which of theirs, and its length in tokens."""

    call: T
    row: int
    length: int


class Priority(IntEnum):
    """What goes first: a result that somebody waits for, then a breakdown, which has many rows, then all else."""

    RESULT = 0
    BREAKDOWN = 1
    BACKGROUND = 2


class BatchQueue(Generic[T]):
    """A queue for each priority; a batch is made of the first that is not empty. Safe to use from several threads."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._queues: tuple[deque[QueuedRow[T]], ...] = tuple(deque() for _ in Priority)
        self._open = True

    def __len__(self) -> int:
        """Return how many rows wait."""
        with self._changed:
            return sum(map(len, self._queues))

    def add(self, call: T, lengths: Sequence[int], priority: Priority) -> None:
        """Let rows of ``lengths`` tokens wait."""
        with self._changed:
            self._queues[priority].extend(QueuedRow(call, i, length) for i, length in enumerate(lengths))
            self._changed.notify_all()

    def take(self) -> list[QueuedRow[T]]:
        """Wait for rows and take a batch of them; empty once all is closed.

        The row that waits longest is always among them, with those nearest to it in length (half to double), so that
        little is padded.
        """
        with self._changed:
            while self._open and not any(self._queues):
                self._changed.wait()
            if not self._open:
                return []
            queue = next(filter(None, self._queues))
            window = list(islice(queue, WINDOW))
            for _ in window:
                queue.popleft()
            batch = _batch(window)
            chosen = set(batch)
            queue.extendleft(window[i] for i in reversed(range(len(window))) if i not in chosen)
            return [window[i] for i in batch]

    def close(self) -> None:
        """Give nothing more out."""
        with self._changed:
            self._open = False
            self._changed.notify_all()


def _batch(window: Sequence[QueuedRow[T]]) -> list[int]:
    """Return which places of ``window`` share a batch with the first, within the budget of padded tokens."""
    length = window[0].length
    alike = [i for i in range(1, len(window)) if length <= 2 * window[i].length <= 4 * length]
    batch, longest = [0], length
    for i in sorted(alike, key=lambda i: abs(window[i].length - length)):
        longest = max(longest, window[i].length)
        if (len(batch) + 1) * longest > TOKENS_PER_BATCH:
            break
        batch.append(i)
    return batch
