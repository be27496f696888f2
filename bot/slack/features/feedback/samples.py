"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Assessment
from bot.slack.blocks import Reply, View, actions, constant_replies, context_actions, modal
from bot.slack.features.feedback import blocks
from bot.slack.plain_blocks import plain_buttons


def samples() -> Iterator[Reply | View]:
    """Yield the feedback buttons for messages and windows, and the window for corrections."""
    yield from constant_replies(blocks)
    sentiment = Sentiment("NEGATIVE", 0.9, {}, "model", truncated=False)
    elements = blocks.feedback_buttons(Assessment(sentiment, language="Thai"))
    yield Reply("Feedback buttons", [context_actions(elements)])
    view = modal("Sentiment", [actions([button for element in elements for button in plain_buttons(element)])])
    yield view
    yield blocks.rated_view(view, blocks.THANKS)
    rated = blocks.RatedResult("model", "NEGATIVE", "Thai")
    yield blocks.correction_view(
        rated, ["NEGATIVE", "NEUTRAL", "POSITIVE"], ["T0TEAM", "C0CHANNEL", "1700000000.000100"]
    )
