"""The App Home of one person, drawn from what is true just now."""

from collections.abc import Collection, Sequence

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks.reply import OPTED_IN_NOW, OPTED_OUT_NOW, Reply
from bot.slack.blocks.views import home_view
from bot.slack.failures import log_failure
from bot.slack.manifest import COMMAND
from bot.slack.sender import Sender
from bot.store import optouts, watches
from bot.store.database import Database


class Home:
    """Draws App Homes, and keeps the switches in them.

    Args:
        sender: publishes them.
        database: knows who has opted out and which channels are watched.
        features: what is switched on.
    """

    def __init__(self, sender: Sender, database: Database, features: Collection[str]) -> None:
        self._sender = sender
        self._database = database
        self._features = features

    async def publish(self, client: AsyncWebClient, team: str, user: str) -> None:
        """Draw the App Home of ``user`` anew."""
        opted_out = await self._database.do(optouts.has, team, user)
        watched = await self._watched(client, team, user) if "watching" in self._features else []
        await self._sender.publish(
            client, user, home_view(COMMAND, self._features, opted_out=opted_out, watched=watched)
        )

    async def opt_out(self, client: AsyncWebClient, team: str, user: str) -> Reply:
        """Judge the messages of ``user`` for nobody else from now on."""
        await self._database.do(optouts.add, team, user)
        await self.publish(client, team, user)
        return OPTED_OUT_NOW

    async def opt_in(self, client: AsyncWebClient, team: str, user: str) -> Reply:
        """Judge the messages of ``user`` again for those who ask."""
        await self._database.do(optouts.remove, team, user)
        await self.publish(client, team, user)
        return OPTED_IN_NOW

    async def _watched(self, client: AsyncWebClient, team: str, user: str) -> Sequence[str] | None:
        """Return the watched channels that ``user`` is in; None if Slack does not say."""
        watched = await self._database.do(watches.channels, team)
        if not watched:
            return []
        kinds = "public_channel,private_channel"
        found: list[str] = []
        try:
            async for page in await client.users_conversations(
                user=user, types=kinds, exclude_archived=True, limit=999
            ):
                found += [channel["id"] for channel in page["channels"] if channel["id"] in watched]
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log_failure("asking for channels", error, {"user": user})
            return None
        return found
