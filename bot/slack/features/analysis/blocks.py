"""A result, drawn."""

from collections.abc import Sequence

from bot.sentiment.formatting import EMOJI, bar, format_attribution, percent, shorten, strongest
from bot.sentiment.types import Sentiment, Word
from bot.slack.assessment import Assessment
from bot.slack.blocks import Block, Reply, context, rich_line, rich_text
from bot.slack.parsing.content import escape

_QUOTED = 300
_WORDS = 12
_WORD = 20
_LABEL = 40


def result(
    verdict: Assessment, *, quoted: str | None = None, about: str | None = None, shared_by: str | None = None
) -> Reply:
    """Draw a result.

    Args:
        verdict: what the bot makes of the text.
        quoted: the words judged, where the reader does not see them anyway.
        about: address of the message judged, where the reply does not stand beneath it.
        shared_by: the user who shares their result with a channel.
    """
    blocks = []
    if shared_by is not None:
        blocks.append(context(f"Shared by <@{shared_by}>"))
    if quoted is not None:
        blocks.append(rich_text("quote", shorten(quoted, _QUOTED)))
    blocks.append(_line(verdict))
    if verdict.language is not None:
        blocks.append(context(f"Looks like {verdict.language}; this model reads English, so its guess says little."))
    if about is not None:
        blocks.append(context(f"About <{about}|this message>"))
    if verdict.breakdown is not None:
        blocks += _breakdown(verdict.breakdown.words)
    if verdict.sentiment.truncated:
        blocks.append(context("Long text: I judged its beginning, as far as the model reads."))
    return Reply(f"{headline(verdict.sentiment)}{_doubt(verdict)}", blocks)


def headline(sentiment: Sentiment) -> str:
    """Say a result in a few words, with what Slack would read as mark-up escaped."""
    return f"{escape(shorten(sentiment.label, _LABEL))} {percent(sentiment.score)}"


def label_emoji(label: str) -> str:
    """Return the emoji that stands for a label everywhere."""
    return EMOJI.get(label.upper(), "💬")


def _doubt(verdict: Assessment) -> str:
    if verdict.confident:
        return ""
    return f" · unsure, looks like {verdict.language}" if verdict.language else " · unsure"


def _line(verdict: Assessment) -> Block:
    """Draw label and confidence. In ``rich_text`` a checkpoint may call its labels what it likes."""
    sentiment = verdict.sentiment
    return rich_line(
        "rich_text_section",
        {"type": "text", "text": f"{label_emoji(sentiment.label)} "},
        {"type": "text", "text": shorten(sentiment.label, _LABEL) or "?", "style": {"bold": True}},
        {"type": "text", "text": "  "},
        {"type": "text", "text": bar(sentiment.score), "style": {"code": True}},
        {"type": "text", "text": f" {percent(sentiment.score)}"},
        *([] if verdict.confident else [{"type": "text", "text": " · unsure"}]),
    )


def _breakdown(words: Sequence[Word]) -> list[Block]:
    """Draw the strongest pushes, one a line, narrow enough for a phone."""
    shown = strongest(words, _WORDS)
    lines = [f"{format_attribution(word.attribution)} {shorten(' '.join(word.text.split()), _WORD)}" for word in shown]
    blocks = [
        context("Points of confidence that each word adds ▲ or takes away ▼, strongest first:"),
        rich_text("preformatted", "\n".join(lines) or "no words"),
    ]
    if len(words) > len(shown):
        blocks.append(context(f"and {len(words) - len(shown)} that weigh less"))
    return blocks
