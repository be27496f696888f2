"""The classifier on a thread of its own, for callers on an event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.errors import Overloaded
from bot.sentiment.classifier import Classifier
from bot.sentiment.explain import explain
from bot.sentiment.types import Breakdown, Sentiment

T = TypeVar("T")


WAITING = 200
"""How many requests may wait: about as many as can be answered before people give up."""


class Engine:
    """Judges texts one after the other without ever holding up the event loop.

    Its methods raise Overloaded, at once, where ``WAITING`` requests wait already.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._waiting = 0
        # One thread, because the classifier takes one caller at a time.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sentiment")

    async def judge(self, text: str) -> Sentiment:
        """Return how ``text`` reads."""
        (sentiment,) = await self._run(lambda: self._classifier.classify([text]))
        return sentiment

    async def explain(self, text: str) -> Breakdown:
        """Return how ``text`` reads and what pushed it there."""
        return await self._run(lambda: explain(self._classifier, text))

    def close(self) -> None:
        """Let the text in hand finish and drop those that wait."""
        self._thread.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise Overloaded(f"{WAITING} texts wait to be judged already. Try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1
