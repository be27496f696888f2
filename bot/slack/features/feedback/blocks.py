"""Block Kit of feedback."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.sentiment.formatting import label_emoji, shorten
from bot.slack.analyzer import Assessment
from bot.slack.blocks import (
    BUTTON_VALUE_LENGTH,
    Block,
    Reply,
    View,
    button,
    context,
    input_block,
    modal,
    note,
    without_actions,
)

RIGHT = "feedback_right"
WRONG = "feedback_wrong"
CORRECTION = "which_label"

NONE_OF_THESE = "None of these"

_STORED = "the model, the language if the model does not read it, and the date"
THANKS = note(f"Thank you. I store the labels, {_STORED}; not the text, and not who you are.")
ALREADY_RATED = note("Thank you. Somebody has rated this result already.")

_OPTION_LENGTH = 75  # Slack's limit
_MAX_OPTIONS = 100  # likewise


@dataclass(frozen=True, slots=True)
class RatedResult:
    """The result that feedback is about, as its buttons carry it; ``language`` is empty if the model may read it."""

    model: str
    label: str
    language: str

    @property
    def value(self) -> str:
        """The result as the value of a button."""
        return json.dumps([self.model, self.label, self.language])

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Parse the value of a button; None if it is malformed."""
        try:
            match json.loads(str(value)):
                case [str(model), str(label), str(language)]:
                    return cls(model, label, language)
        except ValueError:
            pass
        return None


def rating_buttons(assessment: Assessment) -> list[Block]:
    """Ask whether a result is right."""
    sentiment = assessment.sentiment
    value = RatedResult(sentiment.model, sentiment.label, assessment.language or "").value
    if len(value) > BUTTON_VALUE_LENGTH:
        return []
    return [
        button(RIGHT, "👍", value=value, accessibility_label="This is right"),
        button(WRONG, "👎", value=value, accessibility_label="This is wrong"),
    ]


def correction_view(rated: RatedResult, labels: Sequence[str], source: Sequence[str]) -> View:
    """Ask which of the model's ``labels`` would have been right; ``source`` identifies the message with the result."""
    others = [label for label in labels if label != rated.label][: _MAX_OPTIONS - 1]
    named = [(f"{label_emoji(label)} {label}", str(labels.index(label))) for label in others]
    options = [
        {"text": {"type": "plain_text", "text": shorten(text, _OPTION_LENGTH), "emoji": True}, "value": value}
        for text, value in [*named, (NONE_OF_THESE, "-1")]
    ]
    question = input_block("meant", "Which label was right?", {"type": "static_select", "options": options})
    stored = context(f"I store both labels, {_STORED}. Not the text, and not who you are.")
    metadata = json.dumps([rated.value, *source])
    return modal("Feedback", [question, stored], submit="Send", callback_id=CORRECTION, private_metadata=metadata)


def rated_view(view: Mapping[str, Any], reply: Reply) -> View:
    """Return an open view with ``reply`` in place of its buttons, in the form in which Slack accepts it."""
    names = ("type", "title", "close", "submit", "callback_id", "private_metadata")
    blocks = [*without_actions(view["blocks"]), context(reply.text)]
    return {**{name: view[name] for name in names if view.get(name)}, "blocks": blocks}
