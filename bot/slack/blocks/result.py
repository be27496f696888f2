"""A result, drawn."""

from collections.abc import Sequence

from bot.sentiment.types import Breakdown, Sentiment, Word
from bot.slack.blocks.figures import bar, percent, push, shorten, strongest
from bot.slack.blocks.reply import Block, Reply, context, rich_text, section

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
    label = _plain(sentiment.label)
    blocks = []
    if shared_by is not None:
        blocks.append(context(f"Shared by <@{shared_by}>"))
    if quoted is not None:
        blocks.append(rich_text("quote", shorten(quoted, _QUOTED)))
    blocks.append(
        section(f"{_EMOJI.get(label.upper(), '💬')} *{label}*  `{bar(sentiment.score)}` {percent(sentiment.score)}")
    )
    if about is not None:
        blocks.append(context(f"About <{about}|this message>"))
    if breakdown is not None:
        blocks += _breakdown(breakdown.words, label)
    if sentiment.truncated:
        blocks.append(context("Long text: I judged its beginning, as far as the model reads."))
    return Reply(f"{label} {percent(sentiment.score)}", blocks)


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


def _breakdown(words: Sequence[Word], label: str) -> list[Block]:
    """Draw the strongest pushes, one a line, narrow enough for a phone."""
    lines = []
    for word in strongest(words, _WORDS):
        pieces = f" ({shorten('·'.join(word.pieces), _WORD)})" if len(word.pieces) > 1 else ""
        lines.append(f"{push(word.attribution)} {shorten(_one_line(word.text), _WORD)}{pieces}")
    more = len(words) - len(lines)
    blocks = [
        context(f"How many points each word pushes {label} up ▲ or down ▼, strongest first:"),
        rich_text("preformatted", "\n".join(lines) or "no words"),
    ]
    if more > 0:
        blocks.append(context(f"and {more} that weigh less"))
    return blocks


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(label: str) -> str:
    """Return a checkpoint's label without the characters that mean something to Slack."""
    return shorten("".join(c for c in label if c not in "<>&*_~`"), _LABEL) or "?"
