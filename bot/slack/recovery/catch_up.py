"""Catching up: what happened in Slack while the bot was away, from Slack's own history.

The bot keeps no queue: everything that it owes an answer is written in Slack. So it reads the conversations that it is
in and takes what it finds as if Slack had just sent it; the claims see to it that nothing is done a second time.
Without watching it may read direct messages only.

Not found are mentions and emojis in threads, or on messages, that began before the window, and edits.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, NamedTuple

import aiohttp
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.failures import log_failure
from bot.slack.client.rate_limiter import RateLimiter
from bot.slack.parsing.events import seconds
from bot.slack.recovery.in_flight import ending

_AT_ONCE = 4  # conversations; what comes live goes between
_PATIENCE = 300.0  # seconds for one message; a pause that Slack asks for is among them
_PAGE = 200


class Bot(NamedTuple):
    """The bot in one workspace: what it calls Slack with, and who it is there."""

    client: AsyncWebClient
    team: str
    user: str


class CatchUp:
    """Reads what was missed and gives it to the listeners.

    Args:
        app: has the listeners.
        pace: how fast Slack lets the bot read.
        trigger_emoji: the emoji that asks about a message.
        watching: whether the bot may read channels.
    """

    def __init__(self, app: AsyncApp, pace: RateLimiter, trigger_emoji: str, *, watching: bool) -> None:
        self._app = app
        self._pace = pace
        self._emoji = trigger_emoji
        self._kinds = "im,public_channel,private_channel" if watching else "im"

    async def run(self, bot: Bot, start: float, since: float) -> int:
        """Deal with what came in a workspace after ``since``; return how many messages were looked at.

        Args:
            bot: the bot there.
            start: how far back to look for what it came to, such as the beginning of a thread. Both Unix seconds.
            since: what came before was dealt with.

        Raises:
            SlackApiError: Slack refuses to say where the bot is.
            aiohttp.ClientError, TimeoutError: Slack cannot be reached.
        """
        room = asyncio.Semaphore(_AT_ONCE)

        async def deal_with(channel: Mapping[str, Any]) -> int:
            async with room:
                return await self._conversation(bot, channel, start, since)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(deal_with(channel)) async for channel in self._conversations(bot)]
        return sum(task.result() for task in tasks)

    async def _conversations(self, bot: Bot) -> AsyncIterator[Mapping[str, Any]]:
        async for page in await bot.client.users_conversations(types=self._kinds, exclude_archived=True, limit=_PAGE):
            for channel in page["channels"]:
                yield channel

    async def _conversation(self, bot: Bot, channel: Mapping[str, Any], start: float, since: float) -> int:
        """Deal with one conversation, in the order in which it was written."""
        place = {"channel": channel["id"]}
        try:
            messages = [message async for message in self._pages(bot, "history", place, start)]
            for parent in list(messages):
                if (seconds(parent.get("latest_reply")) or 0) > since:
                    thread = self._pages(bot, "replies", place | {"ts": parent["ts"]}, since)
                    messages += [message async for message in thread if message.get("ts") != parent["ts"]]
        # The bot may have been removed meanwhile, or Slack be away: the other conversations go on.
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log_failure("catching up", error, place)
            return 0
        kind = "im" if channel.get("is_im") else "group" if channel.get("is_private") else "channel"
        known: set[str] = set()
        for message in sorted(messages, key=lambda one: str(one.get("ts"))):
            if message.get("ts") in known:  # a reply that was also sent to the channel
                continue
            known.add(str(message.get("ts")))
            for event in self._events(bot, message, since):
                await self._replay(bot, {"channel": channel["id"], "channel_type": kind} | event)
        return len(known)

    async def _pages(
        self, bot: Bot, what: str, place: Mapping[str, Any], oldest: float
    ) -> AsyncIterator[dict[str, Any]]:
        call = bot.client.conversations_history if what == "history" else bot.client.conversations_replies
        cursor: str | None = None
        while cursor != "":
            await self._pace.turn(bot.client.token, f"conversations.{what}")
            page = await call(**place, oldest=f"{oldest:.6f}", limit=_PAGE, cursor=cursor)
            for message in page["messages"]:
                yield message
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""

    def _events(self, bot: Bot, message: Mapping[str, Any], since: float) -> Collection[dict[str, Any]]:
        """Return what Slack would have sent about a message."""
        events: list[dict[str, Any]] = []
        if (seconds(message.get("ts")) or 0) > since and message.get("user") != bot.user:
            mentioned = f"<@{bot.user}>" in str(message.get("text") or "")
            events.append({"type": "app_mention" if mentioned else "message", **_without_type(message)})
        for reaction in message.get("reactions") or []:
            if str(reaction.get("name")).partition("::")[0] == self._emoji:
                item = {"type": "message", "ts": message.get("ts")}
                about = {"type": "reaction_added", "reaction": reaction["name"], "item": item}
                events += [{**about, "user": user} for user in reaction.get("users") or []]
        return events

    async def _replay(self, bot: Bot, event: dict[str, Any]) -> None:
        """Give an event to the listeners, and wait until it is dealt with."""
        if event["type"] == "reaction_added":
            event["item"]["channel"] = event["channel"]
        elif event["channel_type"] == "im":
            event["type"] = "message"
        request = AsyncBoltRequest(
            body={"type": "event_callback", "team_id": bot.team, "event": event}, mode="socket_mode"
        )
        ended = ending(request)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._app.async_dispatch(request)
                await ended.wait()
        except TimeoutError as error:
            log_failure("catching up with an event", error, {"channel": event["channel"], "type": event["type"]})


def _without_type(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "type"}
