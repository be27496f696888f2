"""Reading what Slack sends: who wrote, where, and what. Anything may be missing from an event."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from bot.slack.parsing.content import message_text


@dataclass(frozen=True, slots=True)
class Post:
    """What a person posted.

    Attributes:
        team: the workspace that the bot is installed in.
        channel: where it stands.
        user: who wrote it.
        ts: its place in the channel, and its name.
        thread_ts: the message that started its thread, if it stands in one.
        text: what it says, in Slack's mark-up.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread_ts: str | None
    text: str

    @classmethod
    def read(cls, body: Mapping[str, Any], team: object) -> Self | None:
        """Read an event about a message; None where no person posted one, such as an edit, a join or a bot.

        ``team`` is the bot's own workspace; the body may name another, from which a channel is shared.
        """
        return cls._of(team, body["event"].get("channel"), body["event"])

    @property
    def time(self) -> datetime:
        """When it was posted, by Slack's clock."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @classmethod
    def in_history(cls, team: str, channel: str, message: Mapping[str, Any]) -> Self | None:
        """Read a message of a channel's history; None where no person posted it."""
        return cls._of(team, channel, message)

    @classmethod
    def _of(cls, team: object, channel: object, message: Mapping[str, Any]) -> Self | None:
        if message.get("bot_id") or message.get("subtype") not in _BY_PEOPLE:
            return None
        thread_ts = message.get("thread_ts")
        match team, channel, message.get("user"), message.get("ts"):
            case str(team), str(channel), str(user), str(ts):
                return cls(
                    team, channel, user, ts, thread_ts if isinstance(thread_ts, str) else None, message_text(message)
                )
        return None


_BY_PEOPLE = (None, "file_share", "me_message", "thread_broadcast")


@dataclass(frozen=True, slots=True)
class Edit:
    """A message that a person edited.

    Attributes:
        post: the message as it is now.
        text_changed: whether its text changed; Slack also calls it an edit when a link gets its preview.
    """

    post: Post
    text_changed: bool

    @classmethod
    def read(cls, body: Mapping[str, Any], team: object) -> Self | None:
        """Read a ``message_changed`` event in the bot's workspace; None where no person's message was edited."""
        event = body["event"]
        now, before = event.get("message"), event.get("previous_message")
        if event.get("subtype") != "message_changed" or not isinstance(now, dict):
            return None
        post = Post._of(team, event.get("channel"), now)
        if post is None:
            return None
        return cls(post, not isinstance(before, dict) or message_text(before) != post.text)


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that a person added to a message.

    Attributes:
        team: the workspace.
        channel: where the message stands.
        ts: the message.
        user: who reacted.
        at: when, in Unix seconds; it tells adding the emoji a second time from hearing of it a second time. None where
            it was read in a channel's history, which does not say.
        emoji: the emoji's name, without a skin tone.
    """

    team: str
    channel: str
    ts: str
    user: str
    at: float | None
    emoji: str

    @classmethod
    def read(cls, body: Mapping[str, Any], team: object) -> Self | None:
        """Read a ``reaction_added`` event in the bot's workspace; None where it is not about a message."""
        event = body["event"]
        item = event.get("item")
        if not isinstance(item, dict) or item.get("type") != "message":
            return None
        about = team, item.get("channel"), item.get("ts")
        match *about, event.get("user"), event.get("reaction"):
            case str(team), str(channel), str(ts), str(user), str(emoji):
                return cls(team, channel, ts, user, seconds(event.get("event_ts")), emoji.partition("::")[0])
        return None


def seconds(ts: object) -> float | None:
    """Return the Unix time that a ``ts`` of Slack's names; None where it is none."""
    return float(ts) if isinstance(ts, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", ts) else None
