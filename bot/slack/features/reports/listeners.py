"""What people say about reports: one now, a digest now and then, an alert; and the button that shares a report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigurationError
from bot.reports.schedule import PERIOD_DAYS, next_due
from bot.reports.windows import WINDOWS, parse_timezone
from bot.slack.blocks import ALREADY_SHARED, FAILED, Reply, note
from bot.slack.blocks import context as small_print
from bot.slack.client.channels import fetch_member_channels
from bot.slack.client.sender import Sender
from bot.slack.features.analysis.buttons import without_buttons
from bot.slack.features.reports.blocks import SHARE_REPORT
from bot.slack.features.reports.reporter import Reporter
from bot.slack.features.watching.watcher import INVITE_ME, NOT_WATCHED
from bot.slack.parsing.content import escape
from bot.slack.parsing.payloads import ids_of_button
from bot.slack.transport.manifest import COMMAND
from bot.store.channels import alerts, digests, watches
from bot.store.channels.digests import DEFAULT_TIMEZONE, Digest
from bot.store.claims import Effect
from bot.store.database import Database

_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>|#(\S+)")
_PERIODS = {"hour", "day", "week", "month", "quarter", "year", "today", "yesterday", *PERIOD_DAYS, "monthly", "hourly"}
_HOUR = re.compile(r"([01]?\d|2[0-3])(?::00)?")
_USUAL_WINDOW, _USUAL_HOUR = "7d", 9

NO_SUCH_CHANNEL = note("I know no channel of that name in which both of us are.")
NAME_A_CHANNEL = note(f"Here is no channel to speak of: name one, as in `{COMMAND} report #general`.")
SHARED = note("Done: the channel sees it now.")
DIGEST_WORDS = note(
    f"Say `{COMMAND} digest weekly` or `daily`, and if you like an hour and a time zone, as in "
    f"`{COMMAND} digest daily 9:00 Europe/Berlin`; `{COMMAND} digest off` ends it."
)
NO_DIGEST = note(f"This channel gets no digest. `{COMMAND} digest weekly` begins.")
DIGEST_OFF = note("This channel gets no digest any more.")
ALERT_ON = note(
    "I write to you, at most once a day, when this channel reads far worse than in its own last four weeks. "
    f"`{COMMAND} alert off` ends it."
)
ALERT_OFF = note("I do not write to you about this channel's mood.")


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """What somebody wants to have reported.

    Attributes:
        what: ``report``, ``digest`` or ``alert``.
        words: what follows it.
    """

    what: str
    words: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "ReportCommand | None":
        """Read what follows the command; None where it is a text to judge, such as "report it to me, please"."""
        what, *words = text.split() or [""]
        fits = {
            "report": lambda: len(words) <= 2 and all(_CHANNEL.fullmatch(one) or _like_window(one) for one in words),
            "digest": lambda: not words or words[0].lower() in (*PERIOD_DAYS, "off", "monthly", "hourly", "on"),
            "alert": lambda: [one.lower() for one in words] in ([], ["on"], ["off"]),
        }.get(what.lower())
        return cls(what.lower(), tuple(words)) if fits and fits() else None


def _like_window(word: str) -> bool:
    return word.lower() in _PERIODS or re.match(r"[+-]?\d", word) is not None


class ReportCommands:
    """Does what people want reported.

    Args:
        reporter: makes reports.
        sender: claims what is shared, and posts it.
        database: keeps digests and alerts.
    """

    def __init__(self, reporter: Reporter, sender: Sender, database: Database) -> None:
        self._reporter = reporter
        self._sender = sender
        self._database = database

    async def obey(
        self, wish: ReportCommand, client: AsyncWebClient, team: str, command: Mapping[str, Any]
    ) -> Reply | None:
        """Do what ``wish`` says; return what to say, if anything."""
        user, here = command["user_id"], command["channel_id"]
        if wish.what == "report":
            return await self._report(wish, client, team, user, here)
        membership = await fetch_member_channels(client, user)
        if here not in membership.channels:
            return NO_SUCH_CHANNEL
        if await self._database.run(watches.get, team, here) is None:
            return NOT_WATCHED
        if wish.what == "alert":
            return await self._alert(wish, team, user, here)
        return await self._digest(wish, team, user, here, membership.now)

    async def share(
        self, client: AsyncWebClient, body: Mapping[str, Any], channel: str, ids: Mapping[str, str]
    ) -> Reply:
        """Post a report that somebody has in their direct message in its channel; return what to tell them."""
        user = str((body.get("user") or {}).get("id"))
        message = body.get("message") or {}
        if channel not in (await fetch_member_channels(client, user)).channels:
            return NO_SUCH_CHANNEL
        effect = Effect(ids["team"], ids["channel"], ids["ts"], "share")
        blocks = [small_print(f"Shared by <@{user}>"), *without_buttons(message.get("blocks") or [])]
        async with self._sender.claimed(effect) as claim:
            if claim is None:
                return ALREADY_SHARED
            if await self._sender.write(client, channel, Reply(message.get("text") or "", blocks), claim=claim):
                return SHARED
            claim.returned = True
        return FAILED

    async def _report(
        self, wish: ReportCommand, client: AsyncWebClient, team: str, user: str, here: str
    ) -> Reply | None:
        named = [match[1] or match[2] for word in wish.words if (match := _CHANNEL.fullmatch(word))]
        windows = [word.lower() for word in wish.words if not _CHANNEL.fullmatch(word)] or [_USUAL_WINDOW]
        if len(named) > 1 or len(windows) > 1 or windows[0] not in WINDOWS:
            return _no_window(windows[-1])
        if not named and here[:1] == "D":
            return NAME_A_CHANNEL
        membership = await fetch_member_channels(client, user)
        channel = membership.find(named[0] if named else here)
        if channel is None:
            return NO_SUCH_CHANNEL
        info = (await client.conversations_info(channel=channel)).get("channel") or {}
        if not info.get("is_member"):
            return INVITE_ME
        found = await self._reporter.ask(client, team, user, channel, windows[0], membership.now)
        if isinstance(found, Reply):
            return found
        if found[0] == here:
            return None
        link = (await client.chat_getPermalink(channel=found[0], message_ts=found[1])).get("permalink")
        return note(f"<{link}|The mood of> <#{channel}> is in our direct messages: only you see it, and may share it.")

    async def _alert(self, wish: ReportCommand, team: str, user: str, here: str) -> Reply:
        if not wish.words:
            return ALERT_ON if await self._database.run(alerts.is_subscribed, team, here, user) else ALERT_OFF
        if wish.words[0].lower() == "off":
            await self._database.run(alerts.remove, team, here, user)
            return ALERT_OFF
        await self._database.run(alerts.add, team, here, user)
        return ALERT_ON

    async def _digest(self, wish: ReportCommand, team: str, user: str, here: str, now: datetime) -> Reply:
        old = await self._database.run(digests.get, team, here)
        if not wish.words:
            return _digest_state(old, now) if old and old.every in PERIOD_DAYS else NO_DIGEST
        every, *rest = wish.words
        hour, name = old.hour if old else _USUAL_HOUR, old.zone if old else DEFAULT_TIMEZONE
        for word in rest:
            if match := _HOUR.fullmatch(word):
                hour = int(match[1])
            elif word[:1].isdigit():
                return note(f"{escape(word[:20])} is no full hour: say one from 0:00 to 23:00.")
            else:
                try:
                    name = parse_timezone(word).key
                except ConfigurationError as error:
                    return note(escape(str(error)))
        every = every.lower()
        if len(rest) > 2 or every not in (*PERIOD_DAYS, "off"):
            return DIGEST_WORDS
        digest = Digest(user, every, hour, name)
        await self._database.run(digests.save, team, here, digest, now.timestamp())
        return DIGEST_OFF if every == "off" else _digest_state(digest, now)


def register(app: AsyncApp, wishes: ReportCommands, sender: Sender) -> None:
    """Listen to *Share with channel* under a report."""

    @app.action(SHARE_REPORT)
    async def on_share(
        ack: AsyncAck,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        context: AsyncBoltContext,
        respond: AsyncRespond,
    ) -> None:
        await ack()
        ids = ids_of_button(body, context)
        await sender.respond(respond, await wishes.share(client, body, str(action.get("value")), ids), ids)


def _no_window(word: str) -> Reply:
    return note(f"There is no window called {escape(word[:20])}: say 24h, 7d, 30d or 90d.")


def _digest_state(digest: Digest, now: datetime) -> Reply:
    """Say when digests come; the reader's Slack shows the next one by their own clocks."""
    coming = int(next_due(digest.every, digest.hour, ZoneInfo(digest.zone), now).timestamp())
    day = "every Monday" if digest.every == "weekly" else "every day"
    asked = f" <@{digest.asked_by}> asked for it." if digest.asked_by else ""
    return note(
        f"This channel gets its mood {day} at {digest.hour}:00 ({digest.zone}), next "
        f"<!date^{coming}^{{date_short_pretty}} at {{time}}|then>.{asked} "
        f"Its days are those of {digest.zone}."
    )
