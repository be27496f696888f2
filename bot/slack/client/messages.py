"""Fetching of messages."""

from collections.abc import Mapping
from dataclasses import dataclass
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
