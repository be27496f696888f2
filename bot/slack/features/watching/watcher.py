"""Watching a channel: an emoji on each message for how it reads."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from weakref import WeakValueDictionary

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sentiment.text import has_no_content
from bot.slack.analyzer import Analyzer
from bot.slack.assessment import Assessment
from bot.slack.blocks import Block, Reply, button, context, note, section
from bot.slack.client.calls import Unsent
from bot.slack.client.failures import error_code, log_failure
from bot.slack.client.sender import Sender
from bot.slack.parsing.events import Edit, Post, seconds
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.transport.manifest import COMMAND
from bot.store.channels import counts, watches
from bot.store.channels.watches import Watch
from bot.store.claims import Effect
from bot.store.database import Database

SETTINGS = "open_watch_settings"
"""What the button under a channel's state asks for."""

_AT_ONCE = 100  # messages that are judged for watching; more wait, and people who ask go first anyway

INVITE_ME = note("I am not in that channel. Invite me to it with `/invite @sentiment`, then ask again.")
CHANNELS_ONLY = note("I watch channels only. What you write to me directly I answer without that.")
ARCHIVED = note("This channel is archived: nobody writes here any more.")
NOT_WATCHED = note(f"I do not watch this channel. `{COMMAND} watch` begins.")
STOPPED = note("I no longer watch this channel, and what I counted of it is gone. The emojis that are there stay.")
CANNOT_POST = note("I could not tell the channel that I watch it, so I do not. May I post here?")
NOT_ALLOWED = note("Slack does not let me see this channel. Whoever runs me finds the reason in my log.")
SWITCHED_OFF = note(
    "Watching channels is switched off here. Whoever runs me can switch it on: `FEATURES=watching`, and the manifest "
    "once more."
)


class Watcher:
    """Watches the channels that people asked it to.

    Args:
        judge: judges the messages, behind those that somebody waits for.
        sender: adds the emojis.
        database: knows which channels, and who has opted out.
        least_confidence: what a channel begins with.
    """

    def __init__(self, judge: Analyzer, sender: Sender, database: Database, least_confidence: float) -> None:
        self._judge = judge
        self._sender = sender
        self._database = database
        self._least_confidence = least_confidence
        self._room = asyncio.Semaphore(_AT_ONCE)
        # What happens to one message is done in the order in which it happened.
        self._turns: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    async def start(self, client: AsyncWebClient, team: str, channel: str, user: str) -> Reply:
        """Watch ``channel`` because ``user`` asked for it, and tell everybody there once."""
        if refusal := await self._not_there(client, channel):
            return refusal
        watch = Watch(user, least_confidence=self._least_confidence)
        if not await self._database.run(watches.add, team, channel, watch):
            return await self.status(client, team, channel)
        try:
            told = await self._sender.write(client, channel, announcement(watch))
        except Unsent:
            told = None
        since = seconds(told[1]) if told else None
        if since is None:
            await self._database.run(watches.remove, team, channel)
            return CANNOT_POST
        # By Slack's clock: what was written before stays as it is, also where it is caught up with.
        await self._database.run(watches.start, team, channel, since)
        return state(watch)

    async def stop(self, team: str, channel: str) -> Reply:
        """Watch ``channel`` no longer, and keep nothing of it."""
        await self._database.run(counts.delete_channel, team, channel)
        return STOPPED if await self._database.run(watches.remove, team, channel) else NOT_WATCHED

    async def status(self, client: AsyncWebClient, team: str, channel: str) -> Reply:
        """Say whether and how ``channel`` is watched."""
        watch = await self.get(team, channel)
        if watch is None:
            return NOT_WATCHED
        refusal = await self._not_there(client, channel)
        if refusal in (INVITE_ME, ARCHIVED):
            await self.stop(team, channel)
        return refusal or state(watch)

    async def get(self, team: str, channel: str) -> Watch | None:
        """Return how ``channel`` is watched; None if it is not."""
        return await self._database.run(watches.get, team, channel)

    async def change(self, team: str, channel: str, **changes: object) -> Watch | None:
        """Watch ``channel`` in another way, and return it; None if it is not watched any more."""
        return await self._database.run(watches.update, team, channel, changes)

    async def _not_there(self, client: AsyncWebClient, channel: str) -> Reply | None:
        """Say why ``channel`` cannot be watched; None if it can."""
        try:
            info = (await client.conversations_info(channel=channel)).get("channel") or {}
        except SlackApiError as error:
            # So Slack speaks of private channels that the bot is not in.
            if error_code(error) == "channel_not_found":
                return INVITE_ME
            log_failure("looking at a channel", error, {"channel": channel})
            return NOT_ALLOWED
        if info.get("is_im") or info.get("is_mpim"):
            return CHANNELS_ONLY
        if info.get("is_archived"):
            return ARCHIVED
        return None if info.get("is_member") else INVITE_ME

    async def on_post(self, client: AsyncWebClient, post: Post, bot_user_id: str | None) -> None:
        """React to a message where its channel is watched and its author has not opted out."""
        watch = await self._database.run(watches.find_for_message, post.team, post.channel, post.user)
        if watch is None or _speaks_to(bot_user_id, post.text) or not watch.covers(seconds(post.ts)):
            return
        effect = Effect(post.team, post.channel, post.ts, "watch")
        async with self._turn(post), self._sender.claimed(effect) as claim:
            if claim is None:
                return
            verdict = await self._verdict(post)
            if verdict is not None and verdict.language is None:
                await self._database.run(counts.add_once, *_counted(post, verdict), ts=post.ts)
            if emoji := _emoji(watch, verdict):
                await self._sender.react(client, post.channel, post.ts, emoji)

    async def on_edit(self, client: AsyncWebClient, edit: Edit, bot_user_id: str | None) -> None:
        """Correct the reaction to a message whose text was changed."""
        post = edit.post
        watch = await self._database.run(watches.find_for_message, post.team, post.channel, post.user)
        if watch is None or not edit.text_changed or not watch.covers(seconds(post.ts)):
            return
        async with self._turn(post):
            # What was counted stays as it was: an edit mends a message, it is not another one.
            emoji = None if _speaks_to(bot_user_id, post.text) else _emoji(watch, await self._verdict(post))
            there = await self._own_reactions(client, post, bot_user_id)
            if there is None:
                return
            for old in {*there} - {emoji}:
                await self._sender.unreact(client, post.channel, post.ts, old)
            if emoji and emoji not in there:
                await self._sender.react(client, post.channel, post.ts, emoji)

    def _turn(self, post: Post) -> asyncio.Lock:
        return self._turns.setdefault((post.team, post.channel, post.ts), asyncio.Lock())

    async def _verdict(self, post: Post) -> Assessment | None:
        """Return how a message reads; None where there is nothing to judge."""
        words = plain_text(post.text)
        if has_no_content(words):
            return None
        async with self._room:
            return await self._judge.verdict(words, later=True)

    async def _own_reactions(self, client: AsyncWebClient, post: Post, bot_user_id: str | None) -> Sequence[str] | None:
        """Return the bot's emojis on a message; None if Slack does not say, or the message is gone."""
        try:
            answer = await client.reactions_get(channel=post.channel, timestamp=post.ts, full=True)
        except SlackApiError as error:
            if error_code(error) != "message_not_found":
                log_failure("looking at reactions", error, {"channel": post.channel, "ts": post.ts})
            return None
        reactions = (answer.get("message") or {}).get("reactions") or []
        return [one["name"] for one in reactions if bot_user_id in one.get("users", [])]


def _speaks_to(bot_user_id: str | None, text: str) -> bool:
    """Tell whether a message mentions the bot, which answers it then."""
    return bot_user_id is not None and f"<@{bot_user_id}" in text


def _emoji(watch: Watch, verdict: Assessment | None) -> str | None:
    """Return the emoji for how a message reads; None where there is none, or the bot is unsure."""
    if verdict is None or verdict.language is not None or verdict.sentiment.score < watch.least_confidence:
        return None
    return watch.emojis.get(verdict.sentiment.label.upper()) or None


def _counted(post: Post, verdict: Assessment) -> tuple[str, str, str, datetime, str, str]:
    """Return what is counted of a message. That the bot is unsure of it counts too: leaving those out would tilt."""
    return post.team, post.channel, post.user, post.time, verdict.sentiment.label, verdict.sentiment.model


def announcement(watch: Watch) -> Reply:
    """Tell a channel that it is watched from now on."""
    return Reply(
        "I watch this channel from now on",
        [
            section(
                f"I watch this channel from now on: I react to each message with {_emojis(watch)} for how it reads "
                f"to me, and count how many read how. <@{watch.asked_by}> asked for it."
            ),
            context(
                f"I keep no text, and not who wrote. Not with yours? `{COMMAND} optout`. Anybody here can stop it: "
                f"`{COMMAND} unwatch`."
            ),
        ],
    )


def state(watch: Watch) -> Reply:
    """Say how a channel is watched, with a button to change it."""
    buttons: Block = {"type": "actions", "elements": [button(SETTINGS, "Settings")]}
    asked = f" <@{watch.asked_by}> asked for it." if watch.asked_by else ""  # none, where they are forgotten
    return Reply(
        "I watch this channel",
        [
            section(
                f"I watch this channel: {_emojis(watch)} on messages that I am sure of with at least "
                f"{round(watch.least_confidence * 100)} %.{asked}"
            ),
            buttons,
        ],
    )


def _emojis(watch: Watch) -> str:
    shown = [f":{name}:" for name in watch.emojis.values() if name]
    return " ".join(shown) or "no emoji at all"
