"""What the bot says: blocks, and the plain line for notifications and screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

Block = dict[str, Any]


CHART = "data_visualization"
"""The type of the blocks that are charts."""


class Message(TypedDict):
    """The part of a message that every one of Slack's ways to post takes."""

    text: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, not yet addressed to anybody.

    Attributes:
        text: one line that stands for the blocks in notifications; holds nothing a person wrote.
        blocks: what is shown.
    """

    text: str
    blocks: Sequence[Block]

    def message(self) -> Message:
        """Return the reply as arguments for ``chat.postMessage`` and its kin."""
        return Message(text=self.text, blocks=self.blocks)


def section(mrkdwn: str) -> Block:
    """Return a section of text of our own; mark-up in it counts."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn}}


def context(mrkdwn: str) -> Block:
    """Return a line of small print of our own; mark-up in it counts."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def rich_text(kind: str, text: str) -> Block:
    """Return ``text`` as a ``rich_text`` element (``quote`` or ``preformatted``), in which no mark-up comes alive."""
    return rich_line(f"rich_text_{kind}", {"type": "text", "text": text})


def rich_line(kind: str, *elements: Block) -> Block:
    """Return a ``rich_text`` block of one element of ``kind`` that holds ``elements``."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def button(action: str, text: str, **more: Any) -> Block:  # noqa: ANN401 - fields of any type
    """Return a button that tells the bot ``action`` when it is pressed."""
    label = {"type": "plain_text", "text": text, "emoji": True}
    return {"type": "button", "action_id": action, "text": label, **more}


def note(text: str) -> Reply:
    """Return a reply of one sentence."""
    return Reply(text, [section(text)])


NOTHING_TO_JUDGE = note("There is nothing to judge in that: it has no word and no emoji outside code blocks.")
BUSY = note("I am busy just now. Please try again in a moment.")
FAILED = note("Sorry, that did not work: something went wrong on my side. Please try again.")
NOT_FOUND = note("I cannot see that message any more, so there is nothing to judge.")
OWN_MESSAGE = note("That is one of my own messages; ask me about somebody else's.")
ALREADY_SHARED = note("You have shared this already.")
OPTED_OUT = note("Whoever wrote that prefers not to be judged, and I keep to that.")
OPTED_OUT_NOW = note(
    "Done: your messages are judged for nobody else, and I react to none. What you ask yourself, I still answer."
)
OPTED_IN_NOW = note("Done: who sees a message of yours may ask me again how it reads.")
TOO_LATE = note("Slack gave me three seconds to open a window, and they were over. Please try again.")
THANKS = note("Thank you. I keep the labels, the model, the language and the day; not the text, and not who said so.")
ALREADY_TOLD = note("Thank you; somebody has told me about this result already.")
LATE = context("I was away or very busy when this came, so it comes late.")
"""What stands below an answer that comes late."""
