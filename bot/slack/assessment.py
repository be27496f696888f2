"""What the bot makes of a text: the model's result, and how far to believe it."""

from dataclasses import dataclass

from bot.sentiment.types import Breakdown, Sentiment


@dataclass(frozen=True, slots=True)
class Assessment:
    """A result with its doubts.

    Attributes:
        sentiment: what the model says.
        breakdown: what pushed it there, where that is asked for.
        language: the language that the text looks like, where the model does not read it.
        least_confidence: the score below which the bot calls itself unsure.
    """

    sentiment: Sentiment
    breakdown: Breakdown | None = None
    language: str | None = None
    least_confidence: float = 0.0

    @property
    def confident(self) -> bool:
        """Whether the label can be taken at its word."""
        return self.language is None and self.sentiment.score >= self.least_confidence
