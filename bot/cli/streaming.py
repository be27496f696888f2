"""Streams that are computed in parts, several at a time and in order, with a bounded number of elements in memory."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import suppress
from threading import Semaphore, Thread
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_PART = 64  # elements of a part
_PARTS = 8  # computed at a time, enough to keep the engine's threads busy


async def map_in_order(
    function: Callable[[list[T]], Coroutine[Any, Any, list[R]]], items: Iterable[T]
) -> AsyncIterator[tuple[T, R]]:
    """Yield each of ``items`` with its result, as soon as those before it have theirs.

    ``function`` returns the results of a part. ``items`` are read in a thread, since they may come slowly.
    """
    reader = _Reader(items)
    reading: asyncio.Task[list[Any]] | None = None
    pending: deque[tuple[list[T], asyncio.Task[list[Any]]]] = deque()
    ended = False
    try:
        while pending or not ended:
            # Not earlier, so that under load a part is large.
            if not (ended or reading) and len(pending) < _PARTS:
                reading = asyncio.ensure_future(reader.next_part())
            waiting = {task for task in (reading, *(task for _, task in [*pending][:1])) if task}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if reading and reading.done():
                part = [] if reading.exception() else reading.result()
                # The end, or the error, comes after the results of what was read before it.
                pending.append((part, asyncio.ensure_future(function(part)) if part else reading))
                reading, ended = None, not part
            while pending and pending[0][1].done():
                part, task = pending.popleft()
                for item, result in zip(part, task.result(), strict=True):
                    yield item, result
    finally:
        unfinished = [task for task in (reading, *(task for _, task in pending)) if task]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)


class _Reader(Generic[T]):
    """Reads items in a thread, one part ahead."""

    def __init__(self, items: Iterable[T]) -> None:
        self._read: deque[T] = deque()
        self._free = Semaphore(_PART)
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._ended = False
        self._error: Exception | None = None
        # A daemon, because nothing can interrupt a thread that waits for a pipe.
        Thread(target=self._run, args=(items,), name="reader", daemon=True).start()

    async def next_part(self) -> list[T]:
        """Wait for items, and return those that have been read; an empty list at the end."""
        while not (self._read or self._ended):
            await self._changed.wait()
            self._changed.clear()
        part = [self._read.popleft() for _ in range(len(self._read))]
        if part:
            self._free.release(len(part))
        elif self._error:
            raise self._error
        return part

    def _run(self, items: Iterable[T]) -> None:
        try:
            for item in items:
                self._free.acquire()
                self._read.append(item)
                self._wake()
        # Whatever happens while reading is raised where the results are awaited.
        except Exception as error:
            self._error = error
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if not self._changed.is_set():
            with suppress(RuntimeError):  # the loop is closed, so nobody waits
                self._loop.call_soon_threadsafe(self._changed.set)
