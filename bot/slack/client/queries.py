"""Questions to Slack that several features ask: about a message, and about the channels of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from bot.slack.client.executor import Call
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.parsing.content import message_text

_INVISIBLE = {"message_not_found", "channel_not_found", "not_in_channel", "no_item_specified", "bad_timestamp"}


@dataclass(frozen=True, slots=True)
class FetchedMessage:
    """A message as Slack returns it: ``text`` in mrkdwn, and ``reactions`` with the users who added each emoji.

    ``user`` is None if Slack does not name the author, ``thread_ts`` if the message is not part of a thread.
    """

    user: str | None
    text: str
    thread_ts: str | None
    permalink: str | None
    reactions: dict[str, list[str]]

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Self:
        """Parse a message of the Web API or of a message shortcut."""
        permalink = content.get("permalink")
        # The permalink of a reply names its thread even where the message does not.
        threads = parse_qs(urlsplit(permalink or "").query).get("thread_ts", [])
        return cls(
            content.get("user"),
            message_text(content),
            content.get("thread_ts") or next(iter(threads), None),
            permalink,
            {reaction["name"]: reaction.get("users", []) for reaction in content.get("reactions") or []},
        )


async def fetch_message(slack: SlackClient, message: MessageRef) -> FetchedMessage | None:
    """Fetch one message; None if the bot cannot see it. Raises SlackError if Slack refuses for another reason.

    ``reactions.get`` returns any message, in a thread or not, and needs no scope for the history.
    """
    arguments = {"channel": message.channel, "timestamp": message.ts, "full": True}
    found = (await slack.call(Call("reactions.get", arguments, idempotent=True, ok_errors=_INVISIBLE))).data
    return None if found.get("error") else FetchedMessage.parse(found.get("message") or {})


@dataclass(frozen=True, slots=True)
class Membership:
    """The channels of one person, and the time of Slack's answer by Slack's clock.

    ``channels`` has names by channel id; private channels only if the bot is a member too.
    """

    channels: Mapping[str, str]
    now: datetime

    def find(self, channel: str) -> str | None:
        """Return the id of a channel given by id or name; None if the person or the bot is not a member."""
        if channel in self.channels:
            return channel
        wanted = channel.removeprefix("#").lower()
        return next((channel_id for channel_id, name in self.channels.items() if name == wanted), None)


async def fetch_member_channels(slack: SlackClient, user: str, *, archived: bool = False) -> Membership:
    """Fetch the channels that ``user`` is a member of, perhaps with the ``archived`` ones.

    Raises SlackError if Slack does not list them.
    """
    channels: dict[str, str] = {}
    now = datetime.now(UTC)
    arguments = {"user": user, "types": "public_channel,private_channel", "team_id": slack.team}
    async for page in slack.pages("users.conversations", **arguments, exclude_archived=not archived, limit=999):
        channels |= {channel["id"]: str(channel.get("name")) for channel in page.data["channels"]}
        now = _parse_date(page.headers.get("Date")) or now
    return Membership(channels, now)


async def is_archived(slack: SlackClient, user: str, channel: str) -> bool:
    """Return whether ``channel``, an id or a name, which is none of a user's open channels, is an archived one."""
    return (await fetch_member_channels(slack, user, archived=True)).find(channel) is not None


async def fetch_thread(slack: SlackClient, thread: MessageRef) -> set[str]:
    """Return the timestamps of a thread's messages; raises SlackError if Slack does not list them."""
    pages = slack.pages("conversations.replies", **thread._asdict())
    return {str(message.get("ts")) async for page in pages for message in page.data["messages"]}


async def fetch_direct_message(slack: SlackClient, user: str) -> str | None:
    """Return the direct message between the bot and ``user``; None if there is none yet.

    Raises SlackError if Slack does not list them.
    """
    async for page in slack.pages("users.conversations", types="im", limit=999, team_id=slack.team):
        for channel in page.data["channels"]:
            if channel.get("user") == user:
                return str(channel["id"])
    return None


async def fetch_permalink(slack: SlackClient, message: MessageRef) -> str:
    """Fetch the address of a message; raises SlackError if Slack does not return it."""
    found = await slack.read("chat.getPermalink", channel=message.channel, message_ts=message.ts)
    return str(found.data["permalink"])


async def fetch_channel(slack: SlackClient, channel: str) -> Mapping[str, Any]:
    """Fetch what Slack says about a channel: nothing if it was deleted, or is private and the bot is not a member."""
    call = Call("conversations.info", {"channel": channel}, idempotent=True, ok_errors={"channel_not_found"})
    return (await slack.call(call)).data.get("channel") or {}


async def is_member(slack: SlackClient, channel: str) -> bool:
    """Return whether the bot is a member of a channel; raises SlackError if Slack does not say."""
    info = (await slack.read("conversations.info", channel=channel)).data.get("channel") or {}
    return bool(info.get("is_member"))


def _parse_date(header: str | None) -> datetime | None:
    """Return the end of the second that a ``Date`` header names, so that what was just posted came before it."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) + timedelta(seconds=1) if header else None
    except ValueError:
        return None
