"""Reading what Slack sends: who wrote, where, and what. Anything may be missing from an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Post:
    """What a person posted.

    Attributes:
        team: the workspace.
        channel: where it stands.
        user: who wrote it.
        ts: its place in the channel, and its name.
        thread_ts: the message that started its thread, if it stands in one.
        text: its text as Slack stores it.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread_ts: str | None
    text: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self | None:
        """Read an event about a message; None where no person posted one, such as an edit, a join or a bot."""
        event = body["event"]
        if event.get("bot_id") or event.get("subtype") not in (None, "file_share", "me_message", "thread_broadcast"):
            return None
        text, thread_ts = event.get("text"), event.get("thread_ts")
        match body.get("team_id"), event.get("channel"), event.get("user"), event.get("ts"):
            case str(team), str(channel), str(user), str(ts):
                thread_ts = thread_ts if isinstance(thread_ts, str) else None
                return cls(team, channel, user, ts, thread_ts, text if isinstance(text, str) else "")
        return None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that a person added to a message.

    Attributes:
        team: the workspace.
        channel: where the message stands.
        ts: the message.
        user: who reacted.
        event_ts: when; it tells adding the emoji a second time from hearing of it a second time.
        emoji: the emoji's name, without a skin tone.
    """

    team: str
    channel: str
    ts: str
    user: str
    event_ts: str
    emoji: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self | None:
        """Read a ``reaction_added`` event; None where it is not about a message, or incomplete."""
        event = body["event"]
        item = event.get("item")
        if not isinstance(item, dict) or item.get("type") != "message":
            return None
        about = body.get("team_id"), item.get("channel"), item.get("ts")
        match *about, event.get("user"), event.get("event_ts"), event.get("reaction"):
            case str(team), str(channel), str(ts), str(user), str(event_ts), str(emoji):
                return cls(team, channel, ts, user, event_ts, emoji.partition("::")[0])
        return None
