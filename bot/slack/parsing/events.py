"""Events about messages, and interactions. Any field of them may be missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from bot.slack.parsing.content import message_text
from bot.slack.parsing.mentions import mentions

_SUBTYPES_OF_PEOPLE = (None, "file_share", "me_message", "thread_broadcast")
_SLACKBOT = "USLACKBOT"  # whose messages have no bot_id


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message that a person posted.

    ``team`` is the workspace that the bot is installed in, ``text`` is mrkdwn, ``thread_ts`` is None outside threads,
    ``edited_at`` (Unix seconds) is None if it was not edited.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread_ts: str | None
    text: str
    edited_at: float | None = None

    @property
    def time(self) -> datetime:
        """When it was posted, by Slack's clock."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @classmethod
    def parse(cls, team: object, channel: object, message: Mapping[str, Any]) -> Self | None:
        """Parse a message of an event or of a channel's history.

        ``team`` is the bot's own workspace, since the message may name another one that shares the channel. The result
        is None if no person posted the message, such as an edit, a join or a message by an app.
        """
        if message.get("bot_id") or message.get("subtype") not in _SUBTYPES_OF_PEOPLE:
            return None
        if message.get("user") == _SLACKBOT:
            return None
        thread_ts = message.get("thread_ts")
        match team, channel, message.get("user"), message.get("ts"):
            case str(team), str(channel), str(user), str(ts):
                thread = thread_ts if isinstance(thread_ts, str) else None
                return cls(team, channel, user, ts, thread, message_text(message), edited_at(message))
        return None


def edited_at(message: Mapping[str, Any]) -> float | None:
    """Return when a message was edited; the event about a mention that was added later may have only ``event_ts``."""
    edited = message.get("edited")
    at = (parse_ts(edited.get("ts")) if isinstance(edited, dict) else None) or parse_ts(message.get("event_ts"))
    return at if at and at > (parse_ts(message.get("ts")) or 0) else None


@dataclass(frozen=True, slots=True)
class EditedMessage:
    """A message that a person edited, or in which a link got a preview: its text is unchanged then.

    ``previous_text`` is None if Slack does not say.
    """

    message: PostedMessage
    previous_text: str | None

    @property
    def text_changed(self) -> bool:
        """Whether the text is another than before; if that is unknown, it is taken to be another."""
        return self.previous_text != self.message.text

    def adds_mention(self, user: str) -> bool:
        """Return whether ``user`` is mentioned, and was not before as far as that is known."""
        return mentions(self.message.text, user) and not mentions(self.previous_text or "", user)

    @classmethod
    def parse(cls, team: object, event: Mapping[str, Any]) -> Self | None:
        """Parse a ``message_changed`` event; None if no person's message was edited."""
        now, before = event.get("message"), event.get("previous_message")
        if event.get("subtype") != "message_changed" or not isinstance(now, dict):
            return None
        message = PostedMessage.parse(team, event.get("channel"), {"event_ts": event.get("event_ts"), **now})
        if message is None:
            return None
        return cls(message, message_text(before) if isinstance(before, dict) else None)


@dataclass(frozen=True, slots=True)
class AddedReaction:
    """An emoji, without skin tone, that a person added to a message.

    ``time`` (Unix seconds) tells the same emoji added again from the same event sent again; it is None if the reaction
    was found in a channel's history, which does not tell.
    """

    team: str
    channel: str
    ts: str
    user: str
    time: float | None
    emoji: str

    @classmethod
    def parse(cls, team: object, event: Mapping[str, Any]) -> Self | None:
        """Parse a ``reaction_added`` event; None if it is not about a message."""
        item = event.get("item")
        if not isinstance(item, dict) or item.get("type") != "message":
            return None
        match team, item.get("channel"), item.get("ts"), event.get("user"), event.get("reaction"):
            case str(team), str(channel), str(ts), str(user), str(emoji):
                return cls(team, channel, ts, user, parse_ts(event.get("event_ts")), emoji.partition("::")[0])
        return None


class ActionSource(NamedTuple):
    """Who used a button, a shortcut or the command, and where: on which message, or in which view.

    For a view, ``channel`` is its id and ``ts`` the hash of its state. Slack leaves out ``response_url`` in views, and
    sometimes elsewhere.
    """

    channel: str
    ts: str
    thread_ts: str | None
    user: str
    response_url: str | None = None
    is_ephemeral: bool = False

    @property
    def in_bot_conversation(self) -> bool:
        """Whether it was used on a message in somebody's direct message with the bot, which nobody else reads."""
        return self.channel.startswith("D") and not self.is_ephemeral

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> "ActionSource":
        """Parse the payload of an interaction or of the command."""
        container, view = body.get("container") or {}, body.get("view") or {}
        elsewhere = (body.get("channel") or {}).get("id") or body.get("channel_id")
        return cls(
            container.get("channel_id") or view.get("id") or elsewhere or "",
            container.get("message_ts") or view.get("hash") or body.get("message_ts") or "",
            container.get("thread_ts") or (body.get("message") or {}).get("thread_ts"),
            (body.get("user") or {}).get("id") or body.get("user_id") or "",
            body.get("response_url"),
            bool(container.get("is_ephemeral")),
        )


def possible_teams(body: Mapping[str, Any]) -> list[str]:
    """Return the ids of the workspaces that a payload may be for, the likeliest first.

    In a channel that several workspaces share, they include that of the author and that of the channel; the bot may be
    installed in one of them only. See https://docs.slack.dev/apis/events-api#authorizations
    """
    event, message, user, view = (_dict(body.get(name)) for name in ("event", "message", "user", "view"))
    return _ids(
        view.get("app_installed_team_id"),
        _id(body.get("team")),
        *(one.get("team_id") for one in _authorizations(body)),
        *map(body.get, ("context_team_id", "team_id")),
        *map(event.get, ("team", "user_team", "source_team")),
        *(message.get("team"), user.get("team_id"), view.get("team_id")),
        *event_teams(body),
    )


def possible_organizations(body: Mapping[str, Any]) -> list[str]:
    """Return the ids of the organizations that a payload may be for, the likeliest first."""
    return _ids(
        *(one.get("enterprise_id") for one in _authorizations(body)),
        _id(body.get("enterprise")),
        *map(body.get, ("enterprise_id", "context_enterprise_id")),
    )


def is_organization_wide(body: Mapping[str, Any]) -> bool:
    """Return whether a payload is for the installation of an organization, and not for that of a workspace."""
    if authorizations := _authorizations(body):
        return authorizations[0].get("is_enterprise_install") is True
    return body.get("is_enterprise_install") in (True, "true") or not isinstance(body.get("team_id"), str)


def event_teams(body: Mapping[str, Any]) -> list[str]:
    """Return the workspaces that ``team_access_granted`` and ``team_access_revoked`` name."""
    teams = _dict(body.get("event")).get("team_ids")
    return _ids(*teams) if isinstance(teams, list) else []


def _authorizations(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    authorizations = body.get("authorizations")
    return [one for one in authorizations if isinstance(one, dict)] if isinstance(authorizations, list) else []


def _id(node: object) -> object:
    return _dict(node).get("id") if isinstance(node, dict) else node


def _ids(*values: object) -> list[str]:
    return [*dict.fromkeys(value for value in values if isinstance(value, str) and value)]


def thread_start(event: object) -> float | None:
    """Return when the thread of the message that an event is about began, in Unix seconds; None outside threads."""
    message = _dict(_dict(event).get("message")) or _dict(event)
    return parse_ts(message.get("thread_ts"))


def _dict(node: object) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}


def parse_ts(ts: object) -> float | None:
    """Return a Slack timestamp as Unix seconds; None if it is malformed."""
    return float(ts) if isinstance(ts, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", ts) else None
