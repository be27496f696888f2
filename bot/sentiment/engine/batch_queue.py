"""The queue of rows that wait for the model, which chooses the rows of each batch."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from threading import Condition
from typing import Generic, TypeVar

from prometheus_client import Gauge

from bot.sentiment.classifier import MAX_BATCH_TOKENS

T = TypeVar("T")

MAX_CANDIDATES = 256  # a batch is chosen among so many of the oldest rows, which bounds the cost of choosing
WAITING_ROWS = Gauge("bot_waiting_rows", "Rows waiting for the model")


@dataclass(frozen=True, slots=True)
class QueuedRow(Generic[T]):
    """One row in the queue: the call that it belongs to, its index in that call, and its length in tokens."""

    call: T
    row: int
    length: int


class Priority(IntEnum):
    """Order of processing: results that a person waits for, then breakdowns, which have many rows, then the rest."""

    RESULT = 0
    BREAKDOWN = 1
    BACKGROUND = 2


class BatchQueue(Generic[T]):
    """One queue for each priority; a batch is taken from the first that is not empty. Thread-safe."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._queues: tuple[deque[QueuedRow[T]], ...] = tuple(deque() for _ in Priority)
        self._open = True

    def __len__(self) -> int:
        """Return the number of rows."""
        with self._changed:
            return sum(map(len, self._queues))

    def add(self, call: T, lengths: Sequence[int], priority: Priority) -> None:
        """Append the rows of ``call``, which have ``lengths`` tokens."""
        with self._changed:
            self._queues[priority].extend(QueuedRow(call, i, length) for i, length in enumerate(lengths))
            WAITING_ROWS.inc(len(lengths))
            self._changed.notify_all()

    def next_batch(self) -> list[QueuedRow[T]]:
        """Wait for rows and remove a batch of them; return an empty list once the queue is closed.

        A batch has the oldest row and those nearest to it in length (half to double), so that little is padded.
        """
        with self._changed:
            self._changed.wait_for(lambda: any(self._queues) or not self._open)
            if not self._open:
                return []
            queue = next(filter(None, self._queues))
            candidates = [queue.popleft() for _ in range(min(len(queue), MAX_CANDIDATES))]
            batch = _choose(candidates)
            chosen = set(batch)
            queue.extendleft(candidates[i] for i in reversed(range(len(candidates))) if i not in chosen)
            WAITING_ROWS.dec(len(batch))
            return [candidates[i] for i in batch]

    def close(self) -> None:
        """Discard all rows and wake up the threads that wait in :meth:`next_batch`."""
        with self._changed:
            self._open = False
            for queue in self._queues:
                WAITING_ROWS.dec(len(queue))
                queue.clear()
            self._changed.notify_all()


def _choose(candidates: Sequence[QueuedRow[T]]) -> list[int]:
    """Return the indices of the rows that share a batch with the first, within the budget of padded tokens."""
    length = candidates[0].length
    similar = [i for i in range(1, len(candidates)) if length <= 2 * candidates[i].length <= 4 * length]
    batch, longest = [0], length
    for i in sorted(similar, key=lambda i: abs(candidates[i].length - length)):
        longest = max(longest, candidates[i].length)
        if (len(batch) + 1) * longest > MAX_BATCH_TOKENS:
            break
        batch.append(i)
    return batch
