"""The window in which rules are listed, deleted and set up, and what somebody enters there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self

from bot.slack.blocks import Block, Reply, View, context, input_block, input_values, modal, section
from bot.slack.features.routing.blocks import CONDITIONS, rule_section, rule_text
from bot.slack.features.routing.rules import Condition, Target
from bot.slack.parsing.request import COMMAND
from bot.store.channels.routes import Route

WINDOW = "route"

MAX_ROUTES = 10
"""The rules that a channel may have."""

TOO_MANY = f"A channel has at most {MAX_ROUTES} rules. Delete one to set up another."
IDENTICAL = "The channel has this rule already."

_TITLE = "Route messages"
_CONDITION, _LEAST_CONFIDENCE, _QUIET_FROM, _QUIET_UNTIL = "condition", "least_confidence", "quiet_from", "quiet_until"
_LEAST_AWAKE = timedelta(hours=1)
_DEFAULT_PERCENT, _LEAST_PERCENT, _MOST_PERCENT = 90, 50, 99


@dataclass(frozen=True, slots=True)
class RouteInput:
    """What somebody entered for a new rule: the target is a channel, a user, or the URL of a webhook."""

    condition: str
    least_confidence: float
    target_kind: str
    target: str
    quiet_from: str
    quiet_until: str

    @classmethod
    def parse(cls, view: Mapping[str, Any]) -> "Self | dict[str, str]":
        """Parse a submitted window; returns what is wrong, by input, if anything is."""
        values = input_values(view)
        targets = {kind: target for kind in Target if (target := values.get(kind) or "")}
        quiet = values.get(_QUIET_FROM) or "", values.get(_QUIET_UNTIL) or ""
        condition = values.get(_CONDITION) or Condition.MESSAGE
        percent = str(_DEFAULT_PERCENT)
        if condition == Condition.MESSAGE:  # for the others it means nothing
            percent = values.get(_LEAST_CONFIDENCE) or ""
        errors: dict[str, str] = {}
        if len(targets) != 1:
            wanted = "Choose a channel, a person or a webhook: one of them."
            errors |= dict.fromkeys(targets or [Target.CHANNEL], wanted)
        if not percent.isdecimal() or not _LEAST_PERCENT <= int(percent) <= _MOST_PERCENT:
            errors[_LEAST_CONFIDENCE] = f"A number from {_LEAST_PERCENT} to {_MOST_PERCENT}."
        errors |= _find_quiet_errors(*quiet)
        if errors:
            return errors
        ((kind, target),) = targets.items()
        return cls(condition, int(percent) / 100, kind, target, *quiet)


def _find_quiet_errors(start: str, end: str) -> dict[str, str]:
    """Return what is wrong with the quiet hours, by input."""
    if not start and not end:
        return {}
    if not start or not end or start == end:
        return {_QUIET_UNTIL if start else _QUIET_FROM: "Enter two different times, or none."}
    day = datetime(2000, 1, 1, tzinfo=UTC)
    begins, ends = (datetime.combine(day, time.fromisoformat(entered), UTC) for entered in (start, end))
    # What is left of the day, which is less than a day.
    if (begins - ends) % timedelta(days=1) < _LEAST_AWAKE:
        return {_QUIET_UNTIL: "Leave at least an hour of the day, or nothing is ever sent."}
    return {}


def route_view(routes: Sequence[Route], channel: str, zone: str, *, reads_threads: bool) -> View:
    """List the rules of a channel, and ask for another one.

    ``zone`` is that of its quiet hours; ``reads_threads`` is whether a rule about threads can be set up.
    """
    listed = [section(f"*Rules of <#{channel}>*"), *(rule_section(route) for route in routes)]
    if not routes:
        listed.append(context("None yet."))
    if len(routes) >= MAX_ROUTES:
        return modal(_TITLE, [*listed, context(TOO_MANY)], callback_id=WINDOW, private_metadata=channel)
    blocks = [*listed, {"type": "divider"}, section("*A new rule*"), *_inputs(zone, reads_threads=reads_threads)]
    return modal(_TITLE, blocks, submit="Save", callback_id=WINDOW, private_metadata=channel)


def saved_view(route: Route, secret: str) -> View:
    """Show a new rule; the ``secret`` of a webhook is shown this once."""
    blocks = [section(f"Saved. {rule_text(route)} I am telling this channel now; the rule applies from then on.")]
    if secret:
        blocks.append(section(f"This secret signs what I send. It is shown only now, so copy it:\n`{secret}`"))
    return modal(_TITLE, [*blocks, context(f"All rules: `{COMMAND} route`")])


def failed_view() -> View:
    """Say that a rule was not set up, because its channel could not be told."""
    text = "I could not tell the channel, so I did not set up the rule. Am I allowed to post there?"
    return modal(_TITLE, [section(text)])


def refused_view(refusal: Reply) -> View:
    """Say why nothing was changed."""
    return modal(_TITLE, refusal.blocks)


def _inputs(zone: str, *, reads_threads: bool) -> list[Block]:
    offered = [one for one in Condition if reads_threads or one is not Condition.THREAD]
    options = [_option(CONDITIONS[one], one) for one in offered]
    when: Block = {"type": "radio_buttons", "options": options, "initial_option": options[0]}
    least: Block = {"type": "number_input", "is_decimal_allowed": False, "initial_value": str(_DEFAULT_PERCENT)}
    least |= {"min_value": str(_LEAST_PERCENT), "max_value": str(_MOST_PERCENT)}
    kinds = {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
    return [
        input_block(_CONDITION, "When", when),
        _optional(
            _LEAST_CONFIDENCE,
            "How sure, in per cent",
            least,
            "For the first condition alone: how sure I have to be that a message reads negative.",
        ),
        _optional(
            Target.CHANNEL,
            "Tell a channel",
            {"type": "conversations_select", "filter": kinds},
            "You and I have to be members of it.",
        ),
        _optional(Target.USER, "or a person", {"type": "users_select"}, "A member of this channel."),
        _optional(
            Target.WEBHOOK,
            "or a webhook",
            {"type": "url_text_input"},
            "An https address. It gets signed JSON with the rule, the reason and the links, and no text.",
        ),
        _optional(_QUIET_FROM, "Send nothing from", {"type": "timepicker"}, f"Time zone: {zone}."),
        _optional(_QUIET_UNTIL, "until", {"type": "timepicker"}, "Messages in between are summarised at that time."),
    ]


def _optional(name: str, label: str, element: Block, hint: str) -> Block:
    return input_block(name, label, element, hint=hint) | {"optional": True}


def _option(text: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": text[0].upper() + text[1:]}, "value": value}
