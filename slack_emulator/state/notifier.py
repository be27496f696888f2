"""Notification of changes, so that waiting for a condition needs no polling."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

T = TypeVar("T")


class ChangeNotifier:
    """Wakes all waiting tasks whenever the workspace changes."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Wake every task that waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def next_change(self) -> Coroutine[Any, Any, object]:
        """Return an awaitable for the next change after this call, even if it happens before the await."""
        return self._changed.wait()

    async def wait_for(
        self,
        condition: Callable[[], T | Literal[False] | None],
        timeout: float,  # noqa: ASYNC109 - a parameter reads better here than a context manager at every call
    ) -> T:
        """Wait until a condition returns a truthy value, evaluating it again after each change.

        Args:
            condition: Called at once and after every change.
            timeout: In seconds.

        Returns:
            The value that the condition returned.

        Raises:
            TimeoutError: If it returned none in time.
        """
        async with asyncio.timeout(timeout):
            while not (found := condition()):
                await self.next_change()
        return found
