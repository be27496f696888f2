"""The watched channels in the App Home."""

from collections.abc import Awaitable, Callable, Sequence

from bot.errors import SlackError
from bot.slack.blocks import Block
from bot.slack.client.channels import fetch_member_channels
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.reports.blocks import watched_channels
from bot.slack.features.reports.reporter import Reporter
from bot.store.channels import watches
from bot.store.database import Database

MAX_REPORTS = 10
"""Channels whose reports are shown; further ones are only named."""


def create(database: Database, reporter: Reporter) -> Callable[[SlackClient, str], Awaitable[Sequence[Block]]]:
    """Return what shows the watched channels that a user is a member of."""

    async def home_section(slack: SlackClient, user: str) -> Sequence[Block]:
        watched = await database.run(watches.watched_channels, slack.team)
        if not watched:
            return watched_channels({})
        try:
            membership = await fetch_member_channels(slack, user)
        except SlackError:
            return watched_channels(None)
        found = [channel for channel in membership.channels if channel in watched]
        reports = await reporter.last_week(slack.team, found[:MAX_REPORTS], membership.now)
        return watched_channels({channel: reports.get(channel) for channel in found})

    return home_section
