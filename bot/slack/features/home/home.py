"""The App Home of one person, drawn from what is true just now."""

from collections.abc import Collection, Mapping

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.reports.report import Report
from bot.slack.blocks import OPTED_IN_NOW, OPTED_OUT_NOW, Reply
from bot.slack.client.channels import fetch_member_channels
from bot.slack.client.failures import log_failure
from bot.slack.client.sender import Sender
from bot.slack.features.reports.reporter import Reporter
from bot.slack.transport.manifest import COMMAND
from bot.slack.views import CHARTS, home_view
from bot.store import optouts
from bot.store.channels import watches
from bot.store.database import Database


class Home:
    """Draws App Homes, and keeps the switches in them.

    Args:
        sender: publishes them.
        database: knows who has opted out and which channels are watched.
        reporter: knows how these read; None where watching is switched off.
        features: what is switched on.
    """

    def __init__(
        self, sender: Sender, database: Database, reporter: Reporter | None, features: Collection[str]
    ) -> None:
        self._sender = sender
        self._database = database
        self._reporter = reporter
        self._features = features

    async def publish(self, client: AsyncWebClient, team: str, user: str) -> None:
        """Draw the App Home of ``user`` anew."""
        opted_out = await self._database.run(optouts.is_opted_out, team, user)
        watched = await self._watched(client, team, user) if self._reporter else {}
        await self._sender.publish(
            client, user, home_view(COMMAND, self._features, opted_out=opted_out, watched=watched)
        )

    async def opt_out(self, client: AsyncWebClient, team: str, user: str) -> Reply:
        """Judge the messages of ``user`` for nobody else from now on."""
        await self._database.run(optouts.add, team, user)
        await self.publish(client, team, user)
        return OPTED_OUT_NOW

    async def opt_in(self, client: AsyncWebClient, team: str, user: str) -> Reply:
        """Judge the messages of ``user`` again for those who ask."""
        await self._database.run(optouts.remove, team, user)
        await self.publish(client, team, user)
        return OPTED_IN_NOW

    async def _watched(self, client: AsyncWebClient, team: str, user: str) -> Mapping[str, Report | None] | None:
        """Return the watched channels that ``user`` is in, and how some of them read; None if Slack does not say."""
        watched = await self._database.run(watches.watched_channels, team)
        if not watched or not self._reporter:
            return {}
        try:
            membership = await fetch_member_channels(client, user)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log_failure("asking for channels", error, {"user": user})
            return None
        found = [channel for channel in membership.channels if channel in watched]
        reports = await self._reporter.last_week(team, found[:CHARTS], membership.now)
        return {channel: reports.get(channel) for channel in found}
