"""The buttons under a result. Each carries what it needs, since the bot keeps nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bot.slack.assessment import Assessment
from bot.slack.blocks import Block, Reply, button, context

SHOW_TOKENS = "show_tokens"
SHARE = "share"
RIGHT = "feedback_right"
WRONG = "feedback_wrong"

BUTTON_VALUE = 2000
"""Characters that Slack lets a button carry."""

_BLOCK_ID = 255  # likewise


@dataclass(frozen=True, slots=True)
class About:
    """The message that a result is about, as the block of its buttons carries it.

    Attributes:
        author: the user who wrote it; None where an app did.
        link: its address, if Slack gave one.
    """

    author: str | None
    link: str | None

    @property
    def block_id(self) -> str:
        """The message as a ``block_id``."""
        block_id = f"about {self.author or '-'} {self.link or '-'}"
        return block_id if len(block_id) <= _BLOCK_ID else f"about {self.author or '-'} -"

    @classmethod
    def read(cls, block_id: object) -> Self | None:
        """Read a ``block_id``; None where the result is of words that somebody asked with."""
        match str(block_id).split(" "):
            case ["about", author, link]:
                return cls(None if author == "-" else author, None if link == "-" else link)
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """What a result said, as its buttons for feedback carry it: nothing of the text.

    Attributes:
        model: which model said it.
        label: what it said.
        language: what the text looked like; empty for the model's own language.
    """

    model: str
    label: str
    language: str

    def write(self) -> str:
        """Return it as a button's value."""
        return json.dumps([self.model, self.label, self.language])

    @classmethod
    def read(cls, value: object) -> Self | None:
        """Read a button's value; None where it is none of ours."""
        try:
            match json.loads(str(value)):
                case [str(model), str(label), str(language)]:
                    return cls(model, label, language)
        except ValueError:
            pass
        return None


def with_buttons(
    reply: Reply, words: str, verdict: Assessment, actions: Sequence[str] = (), about: About | None = None
) -> Reply:
    """Add the buttons ``actions``, which carry ``words``, and those that ask whether the result is right."""
    blocks = [*reply.blocks]
    buttons = []
    if len(words) <= BUTTON_VALUE:
        buttons = [button(action, _TEXTS[action], value=words) for action in actions]
    elif actions:
        blocks.append(context("This text is too long to be opened or shared with a button."))
    sentiment = verdict.sentiment
    value = Given(sentiment.model, sentiment.label, verdict.language or "").write()
    if len(value) <= BUTTON_VALUE:
        buttons += [
            button(RIGHT, "👍", value=value, accessibility_label="This is right"),
            button(WRONG, "👎", value=value, accessibility_label="This is wrong"),
        ]
    if buttons:
        block: Block = {"type": "actions", "elements": buttons}
        blocks.append({**block, "block_id": about.block_id} if about else block)
    return Reply(reply.text, blocks)


def without_buttons(blocks: Sequence[Block]) -> list[Block]:
    """Return ``blocks`` without those that hold buttons."""
    return [block for block in blocks if block.get("type") != "actions"]


_TEXTS = {SHOW_TOKENS: "Show tokens", SHARE: "Share with channel"}
