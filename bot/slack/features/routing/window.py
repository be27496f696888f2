"""The window in which rules are listed, deleted and set up, and what somebody enters there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.slack.blocks import Block, Reply, View, context, input_block, input_values, modal, section
from bot.slack.features.routing.blocks import condition_text, rule_section, rule_text
from bot.slack.features.routing.rules import Condition, Target
from bot.slack.parsing.request import COMMAND
from bot.store.channels.routes import Route

WINDOW = "route"

MAX_ROUTES = 10
"""The rules that a channel may have."""

TOO_MANY = f"A channel has at most {MAX_ROUTES} rules. Delete one to set up another."

_TITLE = "Route messages"
_CONDITION, _LEAST_CONFIDENCE, _QUIET_FROM, _QUIET_UNTIL = "condition", "least_confidence", "quiet_from", "quiet_until"
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
        percent, quiet = values.get(_LEAST_CONFIDENCE) or "", (values.get(_QUIET_FROM), values.get(_QUIET_UNTIL))
        errors: dict[str, str] = {}
        if len(targets) != 1:
            wanted = "Choose a channel, a person or a webhook: one of them."
            errors |= dict.fromkeys(targets or [Target.CHANNEL], wanted)
        if not percent.isdecimal() or not _LEAST_PERCENT <= int(percent) <= _MOST_PERCENT:
            errors[_LEAST_CONFIDENCE] = f"A number from {_LEAST_PERCENT} to {_MOST_PERCENT}."
        if any(quiet) and (not all(quiet) or quiet[0] == quiet[1]):
            missing = _QUIET_FROM if not quiet[0] else _QUIET_UNTIL
            errors[missing] = "Enter two different times, or none."
        if errors:
            return errors
        ((kind, target),) = targets.items()
        condition = values.get(_CONDITION) or Condition.MESSAGE
        return cls(condition, int(percent) / 100, kind, target, quiet[0] or "", quiet[1] or "")


def route_view(routes: Sequence[Route], channel: str, zone: str) -> View:
    """List the rules of a channel, and ask for another one; ``zone`` is that of its quiet hours."""
    listed: list[Block] = [rule_section(route) for route in routes]
    if len(routes) >= MAX_ROUTES:
        return modal(_TITLE, [*listed, context(TOO_MANY)], callback_id=WINDOW, private_metadata=channel)
    if listed:
        listed = [*listed, {"type": "divider"}]
    return modal(_TITLE, [*listed, *_inputs(zone)], submit="Save", callback_id=WINDOW, private_metadata=channel)


def saved_view(route: Route, secret: str) -> View:
    """Show a new rule; the ``secret`` of a webhook is shown this once."""
    blocks = [section(f"Saved. {rule_text(route)} I tell this channel so.")]
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


def _inputs(zone: str) -> list[Block]:
    options = [_option(condition_text(one, 0.0).split(" (")[0], one) for one in Condition]
    when: Block = {"type": "radio_buttons", "options": options, "initial_option": options[0]}
    least: Block = {"type": "number_input", "is_decimal_allowed": False, "initial_value": str(_DEFAULT_PERCENT)}
    least |= {"min_value": str(_LEAST_PERCENT), "max_value": str(_MOST_PERCENT)}
    kinds = {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
    return [
        input_block(_CONDITION, "When", when),
        input_block(
            _LEAST_CONFIDENCE,
            "How sure, in per cent",
            least,
            hint="For the first condition: how sure I have to be that a message reads negative.",
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
            "An https address; what it gets is signed, and described in docs/webhooks.md.",
        ),
        _optional(_QUIET_FROM, "Send nothing from", {"type": "timepicker"}, f"Time zone: {zone}."),
        _optional(_QUIET_UNTIL, "until", {"type": "timepicker"}, "What comes meanwhile is summarised then."),
    ]


def _optional(name: str, label: str, element: Block, hint: str) -> Block:
    return input_block(name, label, element, hint=hint) | {"optional": True}


def _option(text: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": text[0].upper() + text[1:]}, "value": value}
