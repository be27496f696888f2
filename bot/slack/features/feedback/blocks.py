"""Block Kit of feedback."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.sentiment.formatting import label_emoji, plain_label, shorten
from bot.slack.analyzer import Assessment
from bot.slack.blocks import (
    BUTTON_VALUE_LENGTH,
    Block,
    Reply,
    View,
    context,
    input_block,
    modal,
    note,
    without_actions,
)
from bot.slack.parsing.events import ActionSource

FEEDBACK = "feedback"
RIGHT = "feedback_right"  # the action ids of the plain buttons
WRONG = "feedback_wrong"
CORRECTION = "which_label"

NONE_OF_THESE = "None of these"

_STORED = "the model, the language if the model does not read it, and the date"
THANKS = note(f"Thank you. I store the labels, {_STORED}; not the text, and not who you are.")
ALREADY_RATED = note("Thank you. This result has been rated already, and counts once.")
YOU_RATED = note("Thank you. You have rated this result already.")

_OPTION_LENGTH = 75  # Slack's limit
_MAX_OPTIONS = 100  # likewise


@dataclass(frozen=True, slots=True)
class RatedResult:
    """The result that feedback is about, as its buttons carry it; ``language`` is empty if the model may read it."""

    model: str
    label: str
    language: str

    def value(self, *, right: bool) -> str:
        """Return the result as the value of a button that says whether it is ``right``."""
        return json.dumps([self.model, self.label, self.language, right])

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Parse the value of a button; None if it is malformed."""
        try:
            match json.loads(str(value)):
                case [str(model), str(label), str(language), *_]:
                    return cls(model, label, language)
        except ValueError:
            pass
        return None


def is_right(action: Mapping[str, Any]) -> bool:
    """Return whether somebody pressed the button that says that a result is right."""
    if action.get("action_id") == FEEDBACK:
        return str(action.get("value")).endswith(" true]")
    return action.get("action_id") == RIGHT


def feedback_buttons(assessment: Assessment) -> list[Block]:
    """Ask whether a result is right."""
    sentiment = assessment.sentiment
    rated = RatedResult(sentiment.model, sentiment.label, assessment.language or "")
    halves = {"positive_button": ("Right", True), "negative_button": ("Wrong", False)}
    buttons = {
        half: {
            "text": {"type": "plain_text", "text": text},
            "value": rated.value(right=right),
            "accessibility_label": f"This is {text.lower()}",
        }
        for half, (text, right) in halves.items()
    }
    if any(len(button["value"]) > BUTTON_VALUE_LENGTH for button in buttons.values()):
        return []
    return [{"type": "feedback_buttons", "action_id": FEEDBACK, **buttons}]


def correction_view(rated: RatedResult, labels: Sequence[str], source: Sequence[str]) -> View:
    """Ask which of the model's ``labels`` would have been right; ``source`` identifies the message with the result."""
    others = [label for label in labels if label != rated.label][: _MAX_OPTIONS - 1]
    named = [(f"{label_emoji(label)} {plain_label(label)}", str(labels.index(label))) for label in others]
    options = [
        {"text": {"type": "plain_text", "text": shorten(text, _OPTION_LENGTH), "emoji": True}, "value": value}
        for text, value in [*named, (NONE_OF_THESE, "-1")]
    ]
    question = input_block("meant", "Which label was right?", {"type": "static_select", "options": options})
    stored = context(f"I store both labels, {_STORED}. Not the text, and not who you are.")
    metadata = json.dumps([rated.value(right=False), *source])
    return modal("Feedback", [question, stored], submit="Send", callback_id=CORRECTION, private_metadata=metadata)


def already_rated(source: ActionSource, *, in_view: bool) -> Reply:
    """Say that a result has been rated; who has done it is known only where nobody else sees the result."""
    private = in_view or source.is_ephemeral or source.in_bot_conversation
    return YOU_RATED if private else ALREADY_RATED


def rated_view(view: Mapping[str, Any], reply: Reply) -> View:
    """Return an open view with ``reply`` in place of its buttons, in the form in which Slack accepts it."""
    names = ("type", "title", "close", "submit", "callback_id", "private_metadata")
    blocks = [*without_actions(view["blocks"]), context(reply.text)]
    return {**{name: view[name] for name in names if view.get(name)}, "blocks": blocks}
