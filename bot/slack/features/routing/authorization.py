"""Who may have what routed where: checked when a rule is set up, and before each message that it sends."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.errors import SlackCallError
from bot.slack.client.queries import fetch_channel, fetch_member_channels
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.routing.rules import Target
from bot.store.channels.routes import Route

_GONE = "You and I have to be members of the watched channel."

_PASSING_ERRORS = {
    *("invalid_auth", "not_authed", "token_expired", "missing_scope"),
    *("accesslimited", "org_login_required", "team_added_to_org"),
}
"""Refusals that end when the token or its scopes are renewed, or a migration ends: they say nothing about a rule."""


async def find_objection(slack: SlackClient, route: Route) -> str | None:
    """Return a sentence that tells whoever set a rule up why it must not send anything; None if it may.

    Raises SlackError if that cannot be checked for now.
    """
    try:
        return await _find_objection(slack, route)
    except SlackCallError as error:
        if not error.is_answer or error.code in _PASSING_ERRORS:  # a proxy's answer, for example
            raise
        return f"Slack does not tell me who is a member of the channels ({error.code})."


async def _find_objection(slack: SlackClient, route: Route) -> str | None:
    if not route.asked_by:
        return _GONE
    own_channels = await _fetch_channels_of(slack, route.asked_by)
    source = await fetch_channel(slack, route.channel)
    if route.channel not in own_channels or not source.get("is_member"):
        return _GONE
    match route.target_kind:
        case Target.CHANNEL:
            target = await fetch_channel(slack, route.target)
            if route.target not in own_channels or not (target.get("is_member") or target.get("is_archived")):
                return "You and I have to be members of that channel."
            return _find_objection_to_channel(source, target)
        case Target.USER if route.target != slack.bot_user_id:
            if route.channel not in await _fetch_channels_of(slack, route.target):
                return "That person has to be a member of the watched channel."
        case Target.USER:
            return "I can't write to myself."
    return None


def _find_objection_to_channel(source: Mapping[str, Any], target: Mapping[str, Any]) -> str | None:
    if source.get("id") == target.get("id"):
        return "That is the watched channel itself. Choose another one."
    if target.get("is_archived"):
        return "That channel is archived."
    if target.get("is_ext_shared"):
        return "That channel is shared with another organization. Choose one of your own."
    if source.get("is_private") and not target.get("is_private"):
        return "The watched channel is private, so choose a private channel."
    return None


async def _fetch_channels_of(slack: SlackClient, user: str) -> Collection[str]:
    """Return the channels of a user, archived ones too; none if there is no such user any more."""
    try:
        return (await fetch_member_channels(slack, user, archived=True)).channels
    except SlackCallError as error:
        if error.code != "user_not_found":
            raise
        return ()
