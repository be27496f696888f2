"""The classifier on a thread of its own, for callers on an event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.sentiment.classifier import Classifier
from bot.sentiment.explain import explain
from bot.sentiment.types import Breakdown, Sentiment

T = TypeVar("T")


class Engine:
    """Judges texts one after the other without ever holding up the event loop."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
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
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
