"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.analyzer import Assessment
from bot.slack.blocks import Reply, Surface, View, constant_replies, modal
from bot.slack.features.analysis import blocks
from bot.slack.features.analysis.blocks import AnalyzedMessage
from bot.slack.parsing.request import AnalysisRequest

_TEXT = "Good, but slow & <late>"
_MESSAGE = AnalyzedMessage("U0AUTHOR", "https://example.slack.com/archives/C0CHANNEL/p1700000000000100")


def samples() -> Iterator[Reply | View]:
    """Yield the results for everybody, for one user and in windows, and the other answers."""
    yield from constant_replies(blocks)
    sentiment = Sentiment("NEGATIVE", 0.55, {"NEGATIVE": 0.55}, "model", truncated=True)
    words = (Word("Good", 0, 4, -0.9), Word("slow", 10, 14, 1.8))
    explained = Breakdown(_TEXT, sentiment, (), words)
    for assessment in (
        Assessment(sentiment, least_confidence=0.6),
        Assessment(sentiment, explained, least_confidence=0.6),
        Assessment(sentiment, language="Thai"),
    ):
        request = AnalysisRequest(_TEXT, breakdown=assessment.breakdown is not None)
        for surface in Surface:
            result = blocks.result(
                assessment, surface, quoted=_TEXT, permalink=_MESSAGE.permalink, shared_by="U0SHARER"
            )
            reply = blocks.with_actions(result, request, [], _MESSAGE, surface)
            if surface is not Surface.MODAL:
                yield reply
                continue
            yield modal("Sentiment", reply.blocks)
            yield blocks.draft_view(_TEXT, reply.blocks)
    yield blocks.draft_view()
