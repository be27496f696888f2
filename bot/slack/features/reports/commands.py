"""The subcommands ``report``, ``digest`` and ``alert``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from bot.errors import ConfigurationError
from bot.reports.schedule import PERIOD_DAYS
from bot.reports.windows import WINDOWS, parse_timezone
from bot.slack.blocks import ALREADY_SHARED, ARCHIVED, FAILED, NO_SUCH_CHANNEL, NOT_A_MEMBER, NOT_WATCHED, Reply, note
from bot.slack.client.queries import (
    Membership,
    fetch_channel,
    fetch_member_channels,
    fetch_permalink,
    is_archived,
    is_member,
)
from bot.slack.client.slack_client import SlackClient
from bot.slack.conversation import Conversation
from bot.slack.feature import CommandRequest
from bot.slack.features.reports import blocks
from bot.slack.features.reports.reporter import Reporter
from bot.slack.parsing.content import escape
from bot.slack.parsing.events import ActionSource
from bot.slack.recovery.claim_manager import ClaimManager
from bot.store.channels import alerts, digests, watches
from bot.store.channels.digests import DEFAULT_TIMEZONE, Digest
from bot.store.claims import Effect
from bot.store.database import Database

_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>|#(\S+)")
_PERIODS = {"hour", "day", "week", "month", "quarter", "year", "today", "yesterday"}
_DIGESTS = {*PERIOD_DAYS, "off", "monthly", "hourly", "on"}
_HOUR_PATTERN = re.compile(r"([01]?\d|2[0-3])(?::00)?")
_DEFAULT_WINDOW, _DEFAULT_HOUR = "7d", 9


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """A subcommand about reports: ``report``, ``digest`` or ``alert``, and the words after it."""

    name: str
    arguments: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse what follows the slash command; None for a text to analyse, such as "report it to me, please"."""
        name, *arguments = text.split() or [""]
        words = [argument.lower() for argument in arguments]
        match name.lower():
            case "report":
                fits = len(words) <= 2 and all(_CHANNEL.fullmatch(word) or _is_like_window(word) for word in words)
            case "digest":
                fits = not words or words[0] in _DIGESTS
            case "alert":
                fits = words in ([], ["on"], ["off"])
            case _:
                fits = False
        return cls(name.lower(), tuple(arguments)) if fits else None


def _is_like_window(word: str) -> bool:
    """Return whether a word was probably meant as a window, so that the user learns which ones there are."""
    return word in _PERIODS | _DIGESTS - {"on", "off"} or re.match(r"[+-]?\d", word) is not None


def _no_window(name: str) -> Reply:
    return note(
        f"{escape(name[:20])} is not a period that I know. Use {', '.join([*WINDOWS][:-1])} or {[*WINDOWS][-1]}."
    )


async def _why_not_found(slack: SlackClient, user: str, channel: str, here: str) -> Reply:
    """Return why ``channel`` is not among those of a ``user`` who is in ``here``."""
    if await is_archived(slack, user, channel):
        return ARCHIVED
    if channel == here and not await fetch_channel(slack, here):
        return NOT_A_MEMBER
    return NO_SUCH_CHANNEL


class ReportCommands:
    """Answers the subcommands."""

    def __init__(self, reporter: Reporter, claims: ClaimManager, database: Database) -> None:
        self._reporter = reporter
        self._claims = claims
        self._database = database

    async def handle(self, request: CommandRequest) -> Reply | None:
        """Do what a subcommand says; return the reply, if any is left to give."""
        command = ReportCommand.parse(request.text)
        if command is None:
            return None
        if command.name == "report":
            return await self._report(command, request)
        slack, channel = request.slack, request.channel
        membership = await fetch_member_channels(slack, request.user)
        if channel not in membership.channels:
            return await _why_not_found(slack, request.user, channel, channel)
        if await self._database.run(watches.get, slack.team, channel) is None:
            return NOT_WATCHED
        if command.name == "alert":
            return await self._alert(command, request)
        return await self._digest(command, request, membership.now)

    async def share(self, slack: SlackClient, source: ActionSource, message: Mapping[str, Any], channel: str) -> Reply:
        """Post the report in ``message``, a user's direct message, to its channel; return what to tell the user."""
        if channel not in (await fetch_member_channels(slack, source.user)).channels:
            return await _why_not_found(slack, source.user, channel, source.channel)
        reply = blocks.shared_report(source.user, message)
        async with self._claims.claim(Effect(slack.team, source.channel, source.ts, "share")) as claim:
            if claim is None:
                return ALREADY_SHARED
            if await claim.post(slack, channel, reply):
                return blocks.SHARED
            claim.released = True
        return FAILED

    async def read_channel(
        self, conversation: Conversation, channel: str, window: str, membership: Membership
    ) -> Reply | None:
        """Post the report of a channel in a conversation; return why there is none, or None if it is posted."""
        if (window := window or _DEFAULT_WINDOW) not in WINDOWS:
            return _no_window(window)
        conversation = replace(conversation, title=f"How #{membership.channels[channel]} reads")
        written = await self._reporter.write_report(
            conversation.slack, conversation.user, channel, window, membership.now, conversation
        )
        return written if isinstance(written, Reply) else None

    async def _report(self, command: ReportCommand, request: CommandRequest) -> Reply | None:
        slack, here = request.slack, request.channel
        named = [match[1] or match[2] for word in command.arguments if (match := _CHANNEL.fullmatch(word))]
        windows = [word.lower() for word in command.arguments if not _CHANNEL.fullmatch(word)] or [_DEFAULT_WINDOW]
        if len(named) > 1 or len(windows) > 1:
            return blocks.REPORT_USAGE
        if windows[0] not in WINDOWS:
            return _no_window(windows[0])
        if not named and here[:1] == "D":
            return blocks.CHANNEL_REQUIRED
        membership = await fetch_member_channels(slack, request.user)
        channel = membership.find(named[0] if named else here)
        if channel is None:
            return await _why_not_found(slack, request.user, named[0] if named else here, here)
        if not await is_member(slack, channel):
            return NOT_A_MEMBER
        written = await self._reporter.write_report(slack, request.user, channel, windows[0], membership.now)
        if isinstance(written, Reply):
            return written
        if written.channel == here:
            return None
        about = f"<{await fetch_permalink(slack, written)}|The report> about <#{channel}>"
        return note(f"{about} is in our direct messages. Only you see it.")

    async def _alert(self, command: ReportCommand, request: CommandRequest) -> Reply:
        place = request.slack.team, request.channel, request.user
        if not command.arguments:
            return blocks.ALERT_ON if await self._database.run(alerts.is_subscribed, *place) else blocks.ALERT_OFF
        if command.arguments[0].lower() == "off":
            await self._database.run(alerts.remove, *place)
            return blocks.ALERT_OFF
        await self._database.run(alerts.add, *place)
        return blocks.ALERT_ON

    async def _digest(self, command: ReportCommand, request: CommandRequest, now: datetime) -> Reply:
        place = request.slack.team, request.channel
        old = await self._database.run(digests.get, *place)
        if not command.arguments:
            return blocks.digest_status(old, now) if old and old.every in PERIOD_DAYS else blocks.NO_DIGEST
        every, *options = command.arguments
        every = every.lower()
        hour, timezone = (old.hour, old.zone) if old else (_DEFAULT_HOUR, "")
        for option in options:
            if match := _HOUR_PATTERN.fullmatch(option):
                hour = int(match[1])
            elif option[:1].isdigit():
                return note(f"{escape(option[:20])} is not an hour. Write a full hour, such as 09:00.")
            else:
                try:
                    timezone = parse_timezone(option).key
                except ConfigurationError as error:
                    return note(escape(str(error)))
        if len(options) > 2 or every not in (*PERIOD_DAYS, "off"):
            return blocks.DIGEST_USAGE
        if not timezone and every != "off":
            timezone = await self._reporter.timezones.find(request.slack, request.user) or ""
        digest = Digest(request.user, every, hour, timezone or DEFAULT_TIMEZONE)
        await self._database.run(digests.save, *place, digest, now.timestamp())
        return blocks.DIGEST_OFF if every == "off" else blocks.digest_status(digest, now)
