"""Reading what Slack sends: who wrote, where, and what. Anything may be missing from an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

_GONE = {"message_not_found", "channel_not_found", "not_in_channel", "no_item_specified", "bad_timestamp"}


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
        if event.get("bot_id") or event.get("subtype") not in (None, "file_share", "thread_broadcast"):
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


@dataclass(frozen=True, slots=True)
class Original:
    """A message that somebody asks about.

    Attributes:
        text: its text as Slack stores it.
        thread_ts: the thread that it stands in or has started, if there is one.
        permalink: its address.
    """

    text: str
    thread_ts: str | None
    permalink: str | None


async def fetch_original(client: AsyncWebClient, channel: str, ts: str) -> Original | None:
    """Fetch one message; None if the bot cannot see it.

    ``reactions.get`` answers with any message, in a thread or not, and needs no scope to read history.
    """
    try:
        response = await client.reactions_get(channel=channel, timestamp=ts)
    except SlackApiError as error:
        if error.response.get("error") in _GONE:
            return None
        raise
    message = response.get("message") or {}
    permalink = message.get("permalink")
    # The address of a reply names its thread, also where the message itself does not.
    threads = parse_qs(urlsplit(permalink or "").query).get("thread_ts", [])
    return Original(message.get("text") or "", message.get("thread_ts") or next(iter(threads), None), permalink)
