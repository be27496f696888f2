"""A result, drawn."""

from collections.abc import Sequence

from bot.figures import bar, percent, push, shorten, strongest
from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.blocks.reply import Block, Reply, context, rich_line, rich_text

SHOW_TOKENS = "show_tokens"
SHARE = "share"

BUTTON_VALUE = 2000
"""Characters that Slack lets a button carry."""

_QUOTED = 300
_WORDS = 12
_WORD = 20
_LABEL = 40
_EMOJI = {"POSITIVE": "🙂", "NEUTRAL": "😐", "NEGATIVE": "🙁"}


def result(
    sentiment: Sentiment,
    *,
    breakdown: Breakdown | None = None,
    quoted: str | None = None,
    about: str | None = None,
    shared_by: str | None = None,
) -> Reply:
    """Draw a result.

    Args:
        sentiment: what the model says.
        breakdown: what pushed it there, where that is asked for.
        quoted: the words judged, where the reader does not see them anyway.
        about: address of the message judged, where the reply does not stand beneath it.
        shared_by: the user who shares their result with a channel.
    """
    blocks = []
    if shared_by is not None:
        blocks.append(context(f"Shared by <@{shared_by}>"))
    if quoted is not None:
        blocks.append(rich_text("quote", shorten(quoted, _QUOTED)))
    blocks.append(_line(sentiment))
    if about is not None:
        blocks.append(context(f"About <{about}|this message>"))
    if breakdown is not None:
        blocks += _breakdown(breakdown.words)
    if sentiment.truncated:
        blocks.append(context("Long text: I judged its beginning, as far as the model reads."))
    return Reply(headline(sentiment), blocks)


def headline(sentiment: Sentiment) -> str:
    """Say a result in a few words, with what Slack would read as mark-up escaped."""
    label = sentiment.label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{shorten(label, _LABEL)} {percent(sentiment.score)}"


def _line(sentiment: Sentiment) -> Block:
    """Draw label and confidence. In ``rich_text`` a checkpoint may call its labels what it likes."""
    label = shorten(sentiment.label, _LABEL) or "?"
    return rich_line(
        "rich_text_section",
        {"type": "text", "text": f"{_EMOJI.get(label.upper(), '💬')} "},
        {"type": "text", "text": label, "style": {"bold": True}},
        {"type": "text", "text": "  "},
        {"type": "text", "text": bar(sentiment.score), "style": {"code": True}},
        {"type": "text", "text": f" {percent(sentiment.score)}"},
    )


def with_buttons(reply: Reply, words: str, *actions: str) -> Reply:
    """Add the buttons ``actions`` to ``reply``; each carries ``words``, since the bot keeps no text."""
    if not actions:
        return reply
    if len(words) > BUTTON_VALUE:
        hint = context("Too long for buttons: `tokens` before the text shows what decided it.")
        return Reply(reply.text, [*reply.blocks, hint] if SHOW_TOKENS in actions else reply.blocks)
    buttons = [
        {
            "type": "button",
            "action_id": action,
            "text": {"type": "plain_text", "text": _BUTTONS[action]},
            "value": words,
        }
        for action in actions
    ]
    return Reply(reply.text, [*reply.blocks, {"type": "actions", "elements": buttons}])


_BUTTONS = {SHOW_TOKENS: "Show tokens", SHARE: "Share with channel"}


def _breakdown(words: Sequence[Word]) -> list[Block]:
    """Draw the strongest pushes, one a line, narrow enough for a phone."""
    shown = strongest(words, _WORDS)
    lines = [f"{push(word.attribution)} {shorten(' '.join(word.text.split()), _WORD)}" for word in shown]
    blocks = [
        context("Points of confidence that each word adds ▲ or takes away ▼, strongest first:"),
        rich_text("preformatted", "\n".join(lines) or "no words"),
    ]
    if len(words) > len(shown):
        blocks.append(context(f"and {len(words) - len(shown)} that weigh less"))
    return blocks
