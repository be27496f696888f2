"""Which channels a person is in, as far as the bot sees them, and what time it is at Slack's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from slack_sdk.web.async_client import AsyncWebClient

_KINDS = "public_channel,private_channel"


@dataclass(frozen=True, slots=True)
class Membership:
    """What Slack says of one person.

    Attributes:
        channels: the names of the channels that they are in, by id; private ones only if the bot is in them too.
        now: when Slack said so, by its own clock; this machine's may be wrong.
    """

    channels: Mapping[str, str]
    now: datetime

    def find(self, wanted: str) -> str | None:
        """Return the id of a channel by id or name; None where the person, or the bot, knows none of that name."""
        if wanted in self.channels:
            return wanted
        return next((one for one, name in self.channels.items() if name == wanted.removeprefix("#").lower()), None)


async def fetch_member_channels(client: AsyncWebClient, user: str) -> Membership:
    """Ask Slack which channels ``user`` is in.

    Raises:
        SlackApiError, aiohttp.ClientError, TimeoutError: Slack does not say.
    """
    channels: dict[str, str] = {}
    now = datetime.now(UTC)
    async for page in await client.users_conversations(user=user, types=_KINDS, exclude_archived=True, limit=999):
        channels |= {channel["id"]: str(channel.get("name")) for channel in page["channels"]}
        now = _date(page.headers.get("Date")) or now
    return Membership(channels, now)


def _date(header: str | None) -> datetime | None:
    """Read the ``Date`` of an answer: to the end of its second, so that what was just posted was before."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) + timedelta(seconds=1) if header else None
    except ValueError:
        return None
