"""Fetching the one message that somebody asks about."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.failures import error_code
from bot.slack.parsing.content import message_text

_GONE = {"message_not_found", "channel_not_found", "not_in_channel", "no_item_specified", "bad_timestamp"}


@dataclass(frozen=True, slots=True)
class FetchedMessage:
    """A message that somebody asks about.

    Attributes:
        user: who wrote it, if Slack says so.
        text: what it says, in Slack's mark-up.
        thread_ts: the thread that it stands in or has started, where Slack names one.
        permalink: its address.
    """

    user: str | None
    text: str
    thread_ts: str | None
    permalink: str | None


async def fetch_message(client: AsyncWebClient, channel: str, ts: str) -> FetchedMessage | None:
    """Fetch one message; None if the bot cannot see it.

    ``reactions.get`` answers with any message, in a thread or not, and needs no scope to read history.

    Raises:
        SlackApiError: Slack refuses for any other reason.
    """
    try:
        response = await client.reactions_get(channel=channel, timestamp=ts)
    except SlackApiError as error:
        if error_code(error) in _GONE:
            return None
        raise
    message = response.get("message") or {}
    permalink = message.get("permalink")
    # The address of a reply names its thread, also where the message itself does not.
    threads = parse_qs(urlsplit(permalink or "").query).get("thread_ts", [])
    thread_ts = message.get("thread_ts") or next(iter(threads), None)
    return FetchedMessage(message.get("user"), message_text(message), thread_ts, permalink)
