"""Analysis of texts for all features."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import QueueFullError
from bot.sentiment.formatting import percent
from bot.sentiment.language import unsupported_language
from bot.sentiment.types import Breakdown, Sentiment
from bot.slack.log import logger
from bot.store import optouts
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.sentiment.engine.engine import Engine

_BATCH = 64  # texts in one call to the engine
_BUSY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Assessment:
    """A result, and whether to trust it."""

    sentiment: Sentiment
    breakdown: Breakdown | None = None  # if it was asked for
    language: str | None = None  # of the text, if it is clearly one that the model does not read
    least_confidence: float = 0.0  # a lower score is called unsure

    @property
    def confident(self) -> bool:
        """Whether the model is sure enough, and may read the language."""
        return self.language is None and self.sentiment.score >= self.least_confidence


class Analyzer:
    """Classifies texts, and says how far to trust the results: below ``least_confidence`` they are called unsure.

    Only a dry run logs labels.
    """

    def __init__(
        self, engine: "Engine", database: Database, least_confidence: float, *, log_labels: bool = False
    ) -> None:
        self._engine = engine
        self._database = database
        self._least_confidence = least_confidence
        self._log_labels = log_labels

    @property
    def labels(self) -> Sequence[str]:
        """The labels of the model."""
        return self._engine.labels

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._engine.model

    async def preload(self) -> None:
        """Load what detects languages, so that no request waits for that."""
        await asyncio.to_thread(unsupported_language, "a few words", self.model)

    async def assess(
        self, text: str, ids: Mapping[str, object], *, breakdown: bool = False, background: bool = False
    ) -> Assessment:
        """Classify a plain text, with the words that decided the result if a ``breakdown`` is wanted.

        In the ``background`` nobody is waiting: such texts come after all others. ``ids`` of the text are for the log.
        Raises QueueFullError if too many texts are waiting.
        """
        explained = await self._engine.explain(text) if breakdown else None
        if explained:
            sentiment = explained.sentiment
        elif background:
            (sentiment,) = await self._engine.classify_in_background([text])
        else:
            sentiment = await self._engine.classify(text)
        language = await asyncio.to_thread(unsupported_language, text, sentiment.model)
        assessment = Assessment(sentiment, explained, language, self._least_confidence)
        if self._log_labels:
            about = " ".join(f"{name}={value}" for name, value in ids.items())
            unsure = "" if assessment.confident else ", unsure"
            logger.info("dry run: %s %s%s (%s)", sentiment.label, percent(sentiment.score), unsure, about)
        return assessment

    async def classify_in_background(self, texts: Sequence[str]) -> list[Sentiment | None]:
        """Classify texts after all that somebody is waiting for; None for those that the model does not read.

        If too many texts are waiting, it waits, too.
        """
        batches = [texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH)]
        results = await asyncio.gather(*map(self._classify_batch, batches))
        return [sentiment for batch in results for sentiment in batch]

    async def _classify_batch(self, texts: Sequence[str]) -> list[Sentiment | None]:
        while True:
            try:
                sentiments = await self._engine.classify_in_background(texts)
            except QueueFullError:
                await asyncio.sleep(_BUSY_SECONDS)
            else:
                break
        languages = await asyncio.to_thread(lambda: [unsupported_language(text, self.model) for text in texts])
        return [None if language else one for one, language in zip(sentiments, languages, strict=True)]

    async def has_opted_out(self, team: str, author: str | None, asker: str = "") -> bool:
        """Return whether ``author`` does not want to be analysed for ``asker``; everybody may ask about themselves."""
        if author is None or author == asker:
            return False
        return await self._database.run(optouts.is_opted_out, team, author)
