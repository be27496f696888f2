"""Catch-up: handling what happened in Slack while the bot was offline, from Slack's own history.

The bot has no queue: every message that it has to answer is in Slack. So it reads the conversations that it is a member
of and gives what it finds to the listeners, as if Slack had just sent it. Claims prevent that anything is done twice.

Not found are mentions, reactions and edits in threads, or of messages, from before the window. Where Slack allows one
page of messages a minute, it reads the newest pages only, of the conversations that were used last.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.errors import SlackCallError
from bot.slack.client.queries import fetch_channel
from bot.slack.client.slack_client import SlackClient
from bot.slack.log import log_failure, logger
from bot.slack.parsing.events import edited_at, parse_ts
from bot.slack.recovery.lifecycle import handle_event
from bot.slack.recovery.page_reader import PageReader
from bot.store import claims
from bot.store.channels import watches
from bot.store.database import Database

_CHANNEL_SCOPES = ("channels:history", "channels:read", "groups:history", "groups:read")
_MAX_CONCURRENT = 4  # conversations; live requests come in between
_HANDLING_SECONDS = 300.0  # for one event; Slack may ask to wait meanwhile

REDUCED_PAGES = 30
"""The pages that one catch-up reads in a workspace where Slack allows one a minute; half an hour."""

_REDUCED_PAGES_OF_A_CONVERSATION = 5  # of these, so that a busy channel leaves some for the others


class CatchUp:
    """Reads what was missed, in direct messages and perhaps ``channels``, and dispatches it to the listeners.

    ``reduced`` is whether Slack allows the app one page of messages a minute.
    """

    def __init__(
        self, app: AsyncApp, database: Database, trigger_emoji: str, *, channels: bool, reduced: bool = False
    ) -> None:
        self.app = app
        self.reduced = reduced
        self._database = database
        self._emoji = trigger_emoji
        self._channels = channels
        self._kinds = "im,public_channel,private_channel" if channels else "im"

    def covers(self, channel: str) -> bool:
        """Return whether catch-up reads the whole history of a conversation."""
        return not self.reduced and (self._channels or channel.startswith("D"))

    async def run(self, slack: SlackClient, start: float, since: float) -> int:
        """Handle what happened in a workspace after ``since``; return how many messages were read.

        It reads back to ``start``, for reactions and threads that began earlier. Both are Unix seconds. Raises
        SlackError if Slack does not list the conversations, or could not be reached.
        """
        semaphore = asyncio.Semaphore(_MAX_CONCURRENT)

        async def handle(channel: Mapping[str, Any]) -> int:
            async with semaphore:
                return await self._handle_conversation(PageReader(slack), channel, start, since)

        kinds = "im" if slack.missing_scopes(_CHANNEL_SCOPES) else self._kinds
        pages = slack.pages("users.conversations", types=kinds, exclude_archived=True, team_id=slack.team)
        channels = [channel async for page in pages for channel in page.data["channels"]]
        if kinds != "im":
            await self._forget_left(slack, {channel["id"] for channel in channels})
        if self.reduced:
            return await self._read_newest(slack, channels, start, since)
        results = await asyncio.gather(*map(handle, channels), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return sum(result for result in results if isinstance(result, int))

    async def _forget_left(self, slack: SlackClient, present: Collection[str]) -> None:
        """Stop watching the channels that the bot was removed from, or that were deleted, while it was away."""
        for channel in await self._database.run(watches.watched_channels, slack.team) - {*present}:
            try:
                found = await fetch_channel(slack, channel)
            except SlackCallError:  # it says nothing about the channel
                continue
            # Archived channels have no members, and are not among the present ones.
            if not (found.get("is_member") or found.get("is_archived")):
                await self._database.run(watches.remove, slack.team, channel)

    async def _read_newest(
        self, slack: SlackClient, channels: Sequence[Mapping[str, Any]], start: float, since: float
    ) -> int:
        """Handle what the newest pages contain of the conversations, those that were used last first."""
        last_claims = await self._database.run(claims.last_by_channel, slack.team)
        by_last_use = sorted(channels, key=lambda one: (-last_claims.get(one["id"], 0.0), not one.get("is_im")))
        left, read, shortened, skipped = REDUCED_PAGES, 0, 0, 0
        for channel in by_last_use:
            if left <= 0:
                skipped += 1
                continue
            reader = PageReader(slack, min(left, _REDUCED_PAGES_OF_A_CONVERSATION))
            read += await self._handle_conversation(reader, channel, start, since)
            left, shortened = left - reader.used, shortened + (not reader.complete)
        if shortened or skipped:
            logger.warning(
                "At the rate that Slack allows this app, catch-up left out older messages of %s conversations and all "
                "of %s (team=%s)",
                *(shortened, skipped, slack.team),
            )
        return read

    async def _handle_conversation(
        self, reader: PageReader, channel: Mapping[str, Any], start: float, since: float
    ) -> int:
        """Handle the events of one conversation, oldest first."""
        slack, channel_id = reader.slack, channel["id"]
        try:
            messages = await reader.history(channel_id, start, since)
            for parent in list(messages):
                only_own = self.reduced and parent.get("reply_users") == [slack.bot_user_id]
                if (parse_ts(parent.get("latest_reply")) or 0) > since and not only_own:
                    ts = parent["ts"]
                    replies = await reader.replies(channel_id, ts, since)
                    messages += [reply for reply in replies if reply.get("ts") != ts]
        except SlackCallError:  # the bot may have been removed meanwhile; the other conversations go on
            return 0
        kind = "im" if channel.get("is_im") else "group" if channel.get("is_private") else "channel"
        by_ts = {str(message.get("ts")): message for message in messages}  # a reply may be in the channel, too
        for ts in sorted(by_ts):
            for event in self._events(slack, by_ts[ts], since):
                await self._dispatch(slack, {"channel": channel_id, "channel_type": kind} | event)
        return len(by_ts)

    def _events(self, slack: SlackClient, message: Mapping[str, Any], since: float) -> Iterator[dict[str, Any]]:
        """Yield the events that Slack would have sent about a message."""
        edited = edited_at(message)
        if (edited or parse_ts(message.get("ts")) or 0) > since and message.get("user") != slack.bot_user_id:
            yield {**message, "type": "message"}
            if edited:
                yield {"type": "message", "subtype": "message_changed", "message": message}
        for reaction in message.get("reactions") or []:
            if str(reaction.get("name")).partition("::")[0] == self._emoji:
                for user in set(reaction.get("users") or []) - {slack.bot_user_id}:
                    item = {"type": "message", "ts": message.get("ts")}
                    yield {"type": "reaction_added", "reaction": reaction["name"], "user": user, "item": item}

    async def _dispatch(self, slack: SlackClient, event: dict[str, Any]) -> None:
        """Give an event to the listeners, and wait until it has been handled."""
        if event["type"] == "reaction_added":
            event["item"]["channel"] = event["channel"]
        body = {"type": "event_callback", "team_id": slack.team, "event": event}
        try:
            async with asyncio.timeout(_HANDLING_SECONDS):
                await handle_event(self.app, body)
        except TimeoutError as error:
            log_failure("catching up with an event", error, {"channel": event["channel"], "type": event["type"]})
