"""Answers about threads."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.errors import SlackCallError, SlackError
from bot.reports.course import find_turn
from bot.reports.report import NEGATIVE
from bot.slack.blocks import ALREADY_SHARED, FAILED, NO_SUCH_CHANNEL, NOT_A_MEMBER, Reply
from bot.slack.client.queries import fetch_member_channels, fetch_permalink
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.feature import CommandRequest, Services
from bot.slack.features.threads import blocks
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource
from bot.slack.thread_reader import ThreadReader, ThreadReading
from bot.store.claims import Effect

SCOPES = ("channels:history", "channels:read", "groups:history", "groups:read")

PROGRESS_SECONDS = 2.0
"""Seconds after which the person is told that it takes longer."""

_REFUSALS = {
    "not_in_channel": NOT_A_MEMBER,
    "channel_not_found": blocks.NOT_READABLE,
    "missing_scope": blocks.NOT_READABLE,
    "thread_not_found": blocks.NOT_FOUND,
    "message_not_found": blocks.NOT_FOUND,
}


class ThreadAnswers:
    """Says how threads went."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._reader = ThreadReader(services.analyzer, services.database)

    async def answer_command(self, request: CommandRequest) -> Reply:
        """Return how a thread went if the command was suggested in it; otherwise how to ask."""
        if request.channel.startswith("D"):
            return blocks.IN_DIRECT_MESSAGE
        if request.thread_ts:
            return await self.answer(request.slack, MessageRef(request.channel, request.thread_ts))
        return blocks.NOT_IN_THREAD

    async def answer(
        self,
        slack: SlackClient,
        message: MessageRef,
        show_progress: Callable[[], Awaitable[object]] | None = None,
    ) -> Reply:
        """Return how the thread of a message went, for one person; if that takes long, progress is shown meanwhile.

        Raises DeliveryError if Slack could not be reached.
        """
        work = asyncio.create_task(self._answer(slack, message))
        try:
            done, _ = await asyncio.wait([work], timeout=PROGRESS_SECONDS)
            if not done and show_progress:
                await show_progress()
            return await work
        finally:
            work.cancel()

    async def share(self, slack: SlackClient, source: ActionSource, thread: MessageRef) -> Reply:
        """Post the course of a thread in it; return what to tell the person who shares it."""
        elsewhere = source.channel != thread.channel  # then the person may have left the channel
        if elsewhere and thread.channel not in (await fetch_member_channels(slack, source.user)).channels:
            return NO_SUCH_CHANNEL
        async with self._services.claims.claim(Effect(slack.team, source.channel, source.ts, "share")) as claim:
            if claim is None:
                return ALREADY_SHARED
            reading = await self._read(slack, thread)
            if isinstance(reading, Reply) or not blocks.can_be_shared(reading):
                claim.released = True
                return reading if isinstance(reading, Reply) else blocks.CANNOT_SHARE
            if await claim.post(slack, thread.channel, blocks.shared_reply(reading, source.user), thread.ts):
                return blocks.SHARED
            claim.released = True
        return FAILED

    async def _answer(self, slack: SlackClient, message: MessageRef) -> Reply:
        reading = await self._read(slack, message)
        if isinstance(reading, Reply):
            return reading
        turn = await asyncio.to_thread(find_turn, reading.course)
        around = turn.messages_around(reading.course) if turn else []
        permalinks: Sequence[str] = ()
        with suppress(SlackError):  # links help, but are not the answer
            refs = [MessageRef(message.channel, point.ts) for point in around]
            permalinks = await asyncio.gather(*(fetch_permalink(slack, ref) for ref in refs))
        return blocks.course_reply(reading, turn, permalinks)

    async def _read(self, slack: SlackClient, message: MessageRef) -> ThreadReading | Reply:
        """Read a thread; return why it cannot be read, if so."""
        if refusal := self._services.not_granted(slack, SCOPES):
            return refusal
        if NEGATIVE not in self._services.analyzer.labels:
            return blocks.NO_NEGATIVE
        try:
            return await self._reader.read(slack, message)
        except SlackCallError as error:
            if error.code not in _REFUSALS:
                log_failure("reading a thread", error, message._asdict())
            return _REFUSALS.get(error.code, FAILED)
