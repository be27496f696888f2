"""Block Kit of routing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.sentiment.formatting import whole_percent
from bot.slack.blocks import (
    LEAVE_OUT,
    RUN_COMMAND,
    Block,
    Reply,
    actions,
    button,
    context,
    note,
    section,
    without_actions,
)
from bot.slack.features.routing.rules import Condition, Target
from bot.slack.parsing.content import escape
from bot.slack.parsing.request import COMMAND
from bot.store.channels.routes import Match, Route

ACKNOWLEDGE, DELETE = "acknowledge_route", "delete_route"

CONDITIONS: Mapping[str, str] = {
    Condition.MESSAGE: "a message reads very negative",
    Condition.RECENT: "three of the last five messages read negative",
    Condition.THREAD: "a thread turns negative",
    Condition.ALERT: "a day reads far worse than usual",
}
"""What has to happen for a message to be routed."""

_NOUNS: Mapping[str, str] = {Condition.THREAD: "threads", Condition.ALERT: "days"}
"""What meets a rule, in the plural, if not messages."""

_CONFIRM_DELETION = {
    "title": {"type": "plain_text", "text": "Delete this rule?"},
    "text": {"type": "plain_text", "text": "What it has not sent yet is discarded. I tell the channel."},
    "confirm": {"type": "plain_text", "text": "Delete"},
    "deny": {"type": "plain_text", "text": "Keep"},
    "style": "danger",
}

_MAX_IN_HOME = 20  # rules; Slack allows 100 blocks for all features

CHANNELS_ONLY = note("I route messages of channels only.")
NOT_WATCHED = Reply(
    "I don't watch this channel",
    [
        section(
            "I don't watch this channel, and only messages of watched channels can be routed. Watch it first? Then "
            f"write `{COMMAND} route` again."
        ),
        actions([button(RUN_COMMAND, "Watch this channel", value="watch")]),
    ],
)
ALREADY_ACKNOWLEDGED = note("Somebody has acknowledged this already.")
CANNOT_ACKNOWLEDGE = note("Slack did not let me change the message. Please try again.")


def condition_text(route: Route) -> str:
    """Say what has to happen for a message to be routed."""
    least = f" (at least {whole_percent(route.least_confidence)})" if route.condition == Condition.MESSAGE else ""
    return CONDITIONS[route.condition] + least


def target_text(route: Route) -> str:
    """Say where a rule routes to, in mrkdwn."""
    match route.target_kind:
        case Target.CHANNEL:
            return f"<#{route.target}>"
        case Target.USER:
            return f"<@{route.target}>"
    return f"the webhook at `{escape(route.host)}`"


def rule_text(route: Route) -> str:
    """Describe a rule in one sentence, in mrkdwn."""
    return f"When {_rule(route)}"


def _rule(route: Route) -> str:
    quiet = f", except from {route.quiet_from} to {route.quiet_until} ({route.zone})" if route.quiet_from else ""
    return f"{condition_text(route)}, I tell {target_text(route)}{quiet}."


def announcement(route: Route) -> Reply:
    """Tell a channel once what is routed from now on, and where to."""
    told = "the link to the channel" if route.condition == Condition.ALERT else "a link and the reason"
    return Reply(
        "Some messages of this channel are routed from now on",
        [
            section(
                f"From now on, when {_rule(route)} At most once an hour I send {told}, but neither the text nor the "
                f"author. <@{route.asked_by}> set this up."
            ),
            context(f"{LEAVE_OUT} Anybody here in my workspace can see and delete the rules: `{COMMAND} route`."),
        ],
    )


def farewell(route: Route, user: str) -> Reply:
    """Tell a channel that ``user`` has deleted a rule."""
    return note(f"This rule has ended: “{rule_text(route)}” <@{user}> deleted it.")


def ended(route: Route) -> Reply:
    """Tell a channel that the bot had to delete a rule."""
    # Not why: that is about who is a member of another channel.
    why = f" I have told <@{route.asked_by}> the reason." if route.asked_by else ""
    return note(f"This rule has ended: “{rule_text(route)}” I no longer have the access that it needs.{why}")


def stopped(route: Route, reason: str) -> Reply:
    """Tell whoever set up a rule that it had to be deleted, and why."""
    return note(
        f"I have deleted your rule for <#{route.channel}>: “{rule_text(route)}” {reason} "
        f"To set up another one: `{COMMAND} route` in the channel."
    )


def undelivered(route: Route, failure: str) -> Reply:
    """Tell whoever set up a rule that its webhook did not accept what was sent; ``failure`` has nothing of others."""
    return note(
        f"I could not deliver an event of <#{route.channel}> to {target_text(route)}: {failure}. Later ones are still "
        "sent. Check the address and the service behind it."
    )


def reason_text(route: Route, matches: Sequence[Match]) -> str:
    """Say why something is routed, without naming the channel."""
    if len(matches) > 1:
        return f"{_count(route, len(matches))} met this rule: {condition_text(route)}"
    match route.condition:
        case Condition.MESSAGE:
            score = matches[0].score
            return CONDITIONS[Condition.MESSAGE] + (f" ({whole_percent(score)})" if score is not None else "")
        case Condition.THREAD:
            return "a thread turned negative"
        case Condition.ALERT:
            return "the day reads far worse than usual"
    return CONDITIONS[route.condition]


def routed(route: Route, batch: str, matches: Sequence[Match], links: Mapping[str, str]) -> Reply:
    """Tell a channel or a user what met a rule, with ``links`` by timestamp; the first one, or all since then."""
    single = len(matches) == 1
    sentence = reason_text(route, matches) if single else _summary(route, matches)
    if route.condition == Condition.ALERT:  # it may have waited for the end of the quiet hours
        sentence += f" ({_date(matches[-1].matched_at)})"
    lines = [f"In <#{route.channel}>, {sentence}."]
    lines += [f"• <{escape(link)}|Message> of {_date(float(ts))}" for ts, link in links.items()]
    if links and (left := len(matches) - len(links)) > 0:
        lines.append(f"• and {left} more")
    text = reason_text(route, matches).capitalize() if single else f"{_count(route, len(matches))} met a rule"
    hint = context(
        "I may be wrong: read before you act. *Acknowledge* shows your name here, and means that you take care of what "
        "is listed above. What else meets this rule is summarised after an hour."
    )
    acknowledge = button(ACKNOWLEDGE, "Acknowledge", value=f"{route.channel} {route.id} {batch}", style="primary")
    return Reply(text, [section("\n".join(lines)), actions([acknowledge]), hint])


def _summary(route: Route, matches: Sequence[Match]) -> str:
    if not route.last_sent:
        return reason_text(route, matches)
    # An acknowledgement counts as the last message, and may be later than some of them.
    since = min(route.last_sent, *(match.matched_at for match in matches))
    rule = condition_text(route)
    return f"{_count(route, len(matches), more=True)} met this rule since {_date(since)}: {rule}"


def _count(route: Route, count: int, *, more: bool = False) -> str:
    noun = _NOUNS.get(route.condition, "messages")
    return f"{count} more {noun}" if more else f"{count} {noun}"


def acknowledged(message: Mapping[str, Any], user: str) -> Reply:
    """Show who takes care of what a message is about."""
    kept = [block for block in without_actions(message.get("blocks") or []) if block.get("type") != "context"]
    text = str(message.get("text") or "Acknowledged")
    return Reply(text, [*kept, context(f"Acknowledged by <@{user}>.")])


def status(routes: Sequence[Route]) -> list[Block]:
    """List the rules of a channel, for its status."""
    if not routes:
        return [context(f"Nothing is routed from here yet: `{COMMAND} route`")]
    return [*(section(rule_text(route)) for route in routes), context(f"Rules: `{COMMAND} route`")]


def rule_section(route: Route, *, named: bool = False) -> Block:
    """Show a rule with a button that deletes it; ``named`` is whether to name its channel."""
    who = f" <@{route.asked_by}> set this up." if route.asked_by else ""
    place = f"<#{route.channel}>: " if named else ""
    value = f"{route.channel} {route.id}"
    delete = button(DELETE, "Delete", value=value, style="danger", confirm=_CONFIRM_DELETION)
    return section(f"{place}{rule_text(route)}{who}") | {"accessory": delete}


def home_section(routes: Sequence[Route]) -> list[Block]:
    """List the rules of a user's channels in their App Home."""
    if not routes:
        return []
    listed = [rule_section(route, named=True) for route in routes[:_MAX_IN_HOME]]
    if len(routes) > _MAX_IN_HOME:
        listed.append(context(f"And {len(routes) - _MAX_IN_HOME} more: `{COMMAND} route` in their channels."))
    return [section("*Routing rules of your channels*"), *listed]


def _date(at: float) -> str:
    """Return a time, in Unix seconds, that Slack shows in the time zone of whoever reads it."""
    fallback = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at)}^{{date_short_pretty}} {{time}}|{fallback}>"
