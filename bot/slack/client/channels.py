"""The channels that a person is a member of, as far as the bot can see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.slack.client.slack_client import SlackClient


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


async def fetch_member_channels(slack: SlackClient, user: str) -> Membership:
    """Fetch the channels that ``user`` is a member of; raises SlackError if Slack does not list them."""
    channels: dict[str, str] = {}
    now = datetime.now(UTC)
    kinds = "public_channel,private_channel"
    async for page in slack.pages("users.conversations", user=user, types=kinds, exclude_archived=True, limit=999):
        channels |= {channel["id"]: str(channel.get("name")) for channel in page.data["channels"]}
        now = _parse_date(page.headers.get("Date")) or now
    return Membership(channels, now)


def _parse_date(header: str | None) -> datetime | None:
    """Return the end of the second that a ``Date`` header names, so that what was just posted came before it."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) + timedelta(seconds=1) if header else None
    except ValueError:
        return None
