"""The watcher of channels."""

import asyncio
import time
from contextlib import suppress
from weakref import WeakValueDictionary

from bot.errors import DeliveryError, SlackCallError, SlackError
from bot.sentiment.text import has_no_content
from bot.slack.analyzer import Analyzer, Assessment
from bot.slack.blocks import NOT_A_MEMBER, NOT_WATCHED, Reply
from bot.slack.client.queries import fetch_channel, fetch_message
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.feature import Extensions
from bot.slack.features.watching import blocks
from bot.slack.parsing.events import EditedMessage, PostedMessage, parse_ts
from bot.slack.parsing.mentions import mentions
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.recovery.claim_manager import ClaimManager
from bot.store import claims
from bot.store.channels import counts, routes, watches
from bot.store.channels.watches import Watch
from bot.store.claims import Effect
from bot.store.database import Database

_MAX_CONCURRENT = 100  # messages that are classified; those of people who wait come first anyway


class Watcher:
    """Reacts to the messages of watched channels, and counts them; ``least_confidence`` is their initial setting."""

    def __init__(
        self,
        analyzer: Analyzer,
        claims: ClaimManager,
        database: Database,
        least_confidence: float,
        extensions: Extensions,
    ) -> None:
        self._analyzer = analyzer
        self._claims = claims
        self._database = database
        self._least_confidence = least_confidence
        self._extensions = extensions
        self._semaphore = asyncio.Semaphore(_MAX_CONCURRENT)
        # A message and its edits are handled one after the other.
        self._locks: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    async def start(self, slack: SlackClient, channel: str, user: str) -> Reply:
        """Watch a channel because ``user`` requested it, and announce that to the channel."""
        if refusal := await self._check_channel(slack, channel):
            return refusal
        watch = Watch(user, least_confidence=self._least_confidence)
        added = await self._database.run(watches.add, slack.team, channel, watch)
        if not added and (old := await self.get(slack.team, channel)) and old.since is not None:
            return await self.status(slack, channel)
        announced = None
        with suppress(DeliveryError):
            announced = await slack.post(channel, blocks.announcement(watch))
        since = parse_ts(announced.ts) if announced else None
        if since is None:
            await self._database.run(watches.remove, slack.team, channel)
            return blocks.CANNOT_ANNOUNCE
        # By Slack's clock: earlier messages are left alone, in catch-up too.
        await self._database.run(watches.start, slack.team, channel, since)
        return await self._status(slack, channel, watch)

    async def confirm_stop(self, team: str, channel: str) -> Reply:
        """Ask whether to stop watching a channel."""
        return blocks.CONFIRM_STOP if await self.get(team, channel) else NOT_WATCHED

    async def stop(self, slack: SlackClient, channel: str, user: str) -> Reply:
        """Stop watching a channel because ``user`` requested it, and tell the channel."""
        had_rules = bool(await self._database.run(routes.of_channel, slack.team, channel))
        if not await self.forget(slack.team, channel):
            return NOT_WATCHED
        with suppress(SlackError):
            await slack.post(channel, blocks.farewell(user, had_rules=had_rules))
        return blocks.STOPPED

    async def forget(self, team: str, channel: str) -> bool:
        """Stop watching a channel, and delete what was counted; return False if it was not watched."""
        return await self._database.run(watches.remove, team, channel)

    async def status(self, slack: SlackClient, channel: str) -> Reply:
        """Say whether and how a channel is watched."""
        watch = await self.get(slack.team, channel)
        if watch is None:
            return NOT_WATCHED
        return await self._check_channel(slack, channel) or await self._status(slack, channel, watch)

    async def _status(self, slack: SlackClient, channel: str, watch: Watch) -> Reply:
        more = [block for status in self._extensions.watch_status for block in await status(slack, channel)]
        return blocks.status(watch, more)

    async def get(self, team: str, channel: str) -> Watch | None:
        """Return how a channel is watched; None if it is not."""
        return await self._database.run(watches.get, team, channel)

    async def update(self, team: str, channel: str, **changes: object) -> Watch | None:
        """Change how a channel is watched, and return it; None if it is not watched any more."""
        return await self._database.run(watches.update, team, channel, changes)

    async def _check_channel(self, slack: SlackClient, channel: str) -> Reply | None:
        """Return why a channel cannot be watched; None if it can."""
        try:
            info = await fetch_channel(slack, channel)
        except SlackError:
            return blocks.NOT_ALLOWED
        if info.get("is_im") or info.get("is_mpim"):
            return blocks.CHANNELS_ONLY
        if info.get("is_archived"):
            return blocks.ARCHIVED
        return None if info.get("is_member") else NOT_A_MEMBER

    async def on_message(self, slack: SlackClient, message: PostedMessage) -> None:
        """React to a message if its channel is watched and its author has not opted out."""
        effect = Effect(message.team, message.channel, message.ts, "watch")
        with self._claims.retrying(effect):
            watch = await self._find_watch(message)
        if watch is None:
            return
        async with self._lock(message), self._claims.claim(effect) as claim:
            if claim is None:
                return
            assessment = await self._assess(message.text, MessageRef(message.channel, message.ts))
            if assessment is None or assessment.language is not None:
                return
            # Unsure results are counted too: without them the shares would be biased.
            sentiment, author = assessment.sentiment, (message.team, message.channel, message.user)
            counted = (*author, message.time, sentiment.label, sentiment.model)
            await self._database.run(counts.add_once, *counted, ts=message.ts)
            if emoji := _emoji(watch, assessment):
                await slack.react(MessageRef(message.channel, message.ts), emoji)
                # An edit may have been handled before, or meanwhile in another process.
                if await self._database.run(claims.is_done, _edit_effect(message)):
                    await self._correct_reaction(slack, message, watch)
            for listener in self._extensions.message_listeners:
                await listener(slack, message, assessment)

    async def on_edit(self, slack: SlackClient, edit: EditedMessage) -> None:
        """Correct the reaction to a message whose text was edited. It is not counted again."""
        message, effect = edit.message, _edit_effect(edit.message)
        with suppress(SlackCallError), self._claims.retrying(effect):
            watch = await self._find_watch(message)
            if watch is not None:
                async with self._lock(message):
                    await self._database.run(claims.claim_and_complete, effect, time.time())
                    await self._correct_reaction(slack, message, watch)

    async def _correct_reaction(self, slack: SlackClient, message: PostedMessage, watch: Watch) -> None:
        """Replace the bot's reactions to a message by the one that it should have now."""
        ref = MessageRef(message.channel, message.ts)
        if (found := await fetch_message(slack, ref)) is None:
            return
        # What it says now: the event may be late, and followed by another edit.
        emoji = None if mentions(found.text, slack.bot_user_id) else _emoji(watch, await self._assess(found.text, ref))
        present = [name for name, users in found.reactions.items() if slack.bot_user_id in users]
        for old in {*present} - {emoji}:
            await slack.react(ref, old, remove=True)
        if emoji and emoji not in present:
            await slack.react(ref, emoji)

    async def _find_watch(self, message: PostedMessage) -> Watch | None:
        """Return how a message is watched; None if it is not."""
        watch = await self._database.run(watches.find_for_message, message.team, message.channel, message.user)
        return watch if watch and watch.covers(parse_ts(message.ts)) else None

    def _lock(self, message: PostedMessage) -> asyncio.Lock:
        return self._locks.setdefault((message.team, message.channel, message.ts), asyncio.Lock())

    async def _assess(self, mrkdwn: str, ref: MessageRef) -> Assessment | None:
        """Classify a message; None if it has no content."""
        text = await asyncio.to_thread(plain_text, mrkdwn)  # a long text takes a while
        if await asyncio.to_thread(has_no_content, text):
            return None
        async with self._semaphore:
            return await self._analyzer.assess(text, ref._asdict(), background=True)


def _edit_effect(message: PostedMessage) -> Effect:
    return Effect(message.team, message.channel, message.ts, "edit")


def _emoji(watch: Watch, assessment: Assessment | None) -> str | None:
    """Return the emoji for a result; None if there is none, or the bot is not sure enough."""
    if assessment is None or assessment.language or assessment.sentiment.score < watch.least_confidence:
        return None
    return watch.emojis.get(assessment.sentiment.label.upper()) or None
