"""Block Kit of the App Home."""

from collections.abc import Sequence

from bot.slack.blocks import SHOW_HELP, Block, View, actions, button, section
from bot.slack.parsing.request import COMMAND

_INTRODUCTION = (
    f"• `{COMMAND} TEXT` shows the sentiment of a text to you alone; *Why?* shows which words decided it.\n"
    "• *Analyse sentiment* in a message's ⋮ menu does the same for a message.\n"
    "• *Check a draft* in the shortcuts menu does it before you send one.\n"
    "• Mention me with a text, and I answer in the thread, for everybody.\n"
    "• I don't store any text. A model can be wrong: read the message before you rely on the result."
)


def home_view(sections: Sequence[Sequence[Block]]) -> View:
    """Show the App Home of one user, with the sections of the features."""
    title = {"type": "plain_text", "text": "I classify the sentiment of messages, and show which words decide it"}
    blocks: list[Block] = [{"type": "header", "text": title}, section(_INTRODUCTION)]
    for content in [*filter(None, sections), [actions([button(SHOW_HELP, "Show all commands")])]]:
        blocks += [{"type": "divider"}, *content]
    return {"type": "home", "blocks": blocks}
