"""Waiting until something has become true, without polling."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

T = TypeVar("T")


class Changes:
    """A bell that rings at every change of the workspace."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits for a change."""
        self._bell.set()
        self._bell = asyncio.Event()

    def next(self) -> Coroutine[Any, Any, object]:
        """Give something to await: the next change after this call, even if it comes before the awaiting."""
        return self._bell.wait()

    async def until(
        self,
        condition: Callable[[], T | Literal[False] | None],
        timeout: float,  # noqa: ASYNC109 - the caller waits for a condition, and reads better with its limit beside it
    ) -> T:
        """Wait until a condition gives something true, looking again at each change.

        Args:
            condition: Called now and after every change; anything true ends the wait.
            timeout: Seconds to wait.

        Returns:
            What the condition gave.

        Raises:
            TimeoutError: If it gave nothing true in time.
        """
        async with asyncio.timeout(timeout):
            while not (found := condition()):
                await self.next()
        return found
