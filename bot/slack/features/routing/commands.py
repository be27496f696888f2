"""What people do with rules: list them, and set one up."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from yarl import URL

from bot.errors import SlackError
from bot.settings import Settings
from bot.slack.blocks import TOO_LATE, Block, Reply, View
from bot.slack.client.queries import fetch_member_channels
from bot.slack.client.slack_client import SlackClient
from bot.slack.client.timezones import UserTimezones
from bot.slack.feature import CommandRequest
from bot.slack.features.routing import blocks
from bot.slack.features.routing.authorization import find_objection
from bot.slack.features.routing.modal import IDENTICAL, MAX_ROUTES, TOO_MANY, RouteInput, route_view
from bot.slack.features.routing.rules import Target
from bot.store import webhooks
from bot.store.channels import digests, routes, watches
from bot.store.channels.routes import Route
from bot.store.database import Database
from bot.store.token_cipher import TokenCipher
from bot.webhooks.addresses import check_url

_CHECK_SECONDS = 2.5  # Slack wants an answer within three
_NOT_COMPARED = ("id", "asked_by", "asked_at", "target", "since", "last_sent")  # to find identical rules
_TOO_SLOW = "Slack was too slow to tell me who is a member. Please try again."


class RouteCommands:
    """Answers the subcommand and the window."""

    def __init__(self, settings: Settings, database: Database, cipher: TokenCipher | None) -> None:
        self._allow_private = settings.webhook_private_addresses == "allow"
        self._database = database
        self._cipher = cipher
        self._timezones = UserTimezones(time.time)

    async def open(self, request: CommandRequest) -> Reply | None:
        """Open the window of a channel; return what to say if that is not possible."""
        slack, channel = request.slack, request.channel
        if request.channel_name == "directmessage" or request.channel_name.startswith("mpdm-"):
            return blocks.CHANNELS_ONLY
        if await self._database.run(watches.get, slack.team, channel) is None:
            return blocks.NOT_WATCHED
        view = await self.view(slack, channel, request.user)
        return None if await slack.open_view(request.trigger_id, view) else TOO_LATE

    async def view(self, slack: SlackClient, channel: str, user: str) -> View:
        """Return the window of a channel for ``user``."""
        found = await self._database.run(routes.of_channel, slack.team, channel)
        zone = await self._timezone(slack, channel, user)
        # Where Slack allows one page of messages a minute, no thread is read for a rule.
        return route_view(found, channel, zone, reads_threads=not slack.history.is_reduced)

    async def add(
        self, slack: SlackClient, channel: str, user: str, entered: RouteInput
    ) -> tuple[Route, str] | dict[str, str]:
        """Store a rule, which is not in force yet, and return it with the secret of its webhook.

        Returns what is wrong, by input, if anything is.
        """
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                if entered.target_kind == Target.WEBHOOK:
                    problem = await check_url(entered.target, self._allow_private)
                    if problem is not None:
                        return {Target.WEBHOOK: problem}
                route = await self._parse(slack, channel, user, entered)
                objection = await find_objection(slack, route)
        except (TimeoutError, SlackError):
            objection = _TOO_SLOW
        if objection:
            return {entered.target_kind: objection}
        stored = await self._database.run(_store, route, entered.target, self._cipher)
        return {entered.target_kind: stored} if isinstance(stored, str) else stored

    async def is_in_force(self, route: Route) -> bool:
        """Return whether a rule's channel has been told about it, or will be."""
        return await self._database.run(routes.get, route.team, route.channel, route.id) is not None

    async def status(self, slack: SlackClient, channel: str) -> Sequence[Block]:
        """List the rules of a channel."""
        return blocks.status(await self._database.run(routes.of_channel, slack.team, channel))

    async def home_section(self, slack: SlackClient, user: str) -> Sequence[Block]:
        """List the rules of the channels that a user is a member of."""
        found = await self._database.run(routes.of_team, slack.team)
        try:
            channels: Mapping[str, Any] = (await fetch_member_channels(slack, user)).channels if found else {}
        except SlackError:
            return []
        return blocks.home_section([route for route in found if route.channel in channels])

    async def _parse(self, slack: SlackClient, channel: str, user: str, entered: RouteInput) -> Route:
        is_webhook = entered.target_kind == Target.WEBHOOK
        return Route(
            team=slack.team,
            channel=channel,
            id=secrets.token_hex(4),
            asked_by=user,
            asked_at=time.time(),
            condition=entered.condition,
            least_confidence=entered.least_confidence,
            target_kind=entered.target_kind,
            target="" if is_webhook else entered.target,
            host=(URL(entered.target).raw_host or "") if is_webhook else "",
            quiet_from=entered.quiet_from,
            quiet_until=entered.quiet_until,
            zone=await self._timezone(slack, channel, user),
        )

    async def _timezone(self, slack: SlackClient, channel: str, user: str) -> str:
        """Return the time zone of a user; if it is unknown, that of a channel."""
        if known := await self._timezones.find(slack, user):
            return known
        return await self._database.run(digests.timezone_of, slack.team, channel)


def _store(connection: Connection, route: Route, url: str, cipher: TokenCipher | None) -> tuple[Route, str] | str:
    """Store a rule with its webhook, if any, at ``url``; return it with the webhook's secret, or why it is refused."""
    present = routes.lock_channel(connection, route.team, route.channel)
    if watches.get(connection, route.team, route.channel) is None:
        return "I no longer watch the channel."
    if len(present) >= MAX_ROUTES:
        return TOO_MANY
    if any(_is_same(connection, other, route, url, cipher) for other in present):
        return IDENTICAL
    secret = ""
    if route.target_kind == Target.WEBHOOK:
        webhook, secret = webhooks.add(connection, route.team, route.channel, url, route.asked_by, cipher=cipher)
        route = replace(route, target=webhook)
    routes.add(connection, route)
    return route, secret


def _is_same(connection: Connection, one: Route, new: Route, url: str, cipher: TokenCipher | None) -> bool:
    """Return whether a stored rule does the same as a new one, whose webhook, if any, is at ``url``."""
    if replace(new, **{name: getattr(one, name) for name in _NOT_COMPARED}) != one:
        return False
    if new.target_kind != Target.WEBHOOK:
        return one.target == new.target
    webhook = webhooks.get(connection, one.target, cipher=cipher)
    return webhook is not None and webhook.url == url
