"""The agent: answers in the conversations of its view."""

import asyncio
from dataclasses import replace

from bot.errors import SlackCallError
from bot.slack.blocks import (
    ARCHIVED,
    FAILED,
    NO_SUCH_CHANNEL,
    NOT_A_MEMBER,
    STOPPED_READING,
    Reply,
    switched_off,
)
from bot.slack.client.queries import fetch_member_channels, is_archived, is_member
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.conversation import Conversation
from bot.slack.feature import DirectMessage, Extensions, Services
from bot.slack.features.agent import blocks
from bot.slack.features.agent.context import Context, ContextMemory
from bot.slack.features.agent.intents import AgentRequest, Intent, Subject, nearest_request
from bot.slack.log import log_failure
from bot.slack.parsing.request import command_words

CONTEXT_SCOPES = ("assistant:write",)
"""Needed to learn what a person is looking at."""

MEMBERSHIP_SCOPES = ("channels:read", "groups:read")
"""Needed to check that a person and the bot are members of the channel that is to be read."""


class Agent:
    """Answers requests; what is none is left to the analysis of texts."""

    def __init__(self, services: Services, extensions: Extensions, contexts: ContextMemory) -> None:
        self._services = services
        self._extensions = extensions
        self._contexts = contexts
        self._thread_reads: dict[MessageRef, asyncio.Future[Reply]] = {}  # by the thread of the conversation

    def reads_channels(self, slack: SlackClient) -> bool:
        """Return whether there are reports, and the workspace has granted their scopes."""
        reader = self._extensions.channel_reader
        return reader is not None and not slack.missing_scopes(reader.scopes)

    def reads_threads(self) -> bool:
        """Return whether there are answers about threads."""
        return self._extensions.thread_reader is not None

    async def answer_message(self, message: DirectMessage) -> None:
        """Answer a direct message in its thread, and give the conversation a title."""
        conversation, text = message.conversation, message.text
        request = AgentRequest.parse(text)
        if request and request.name:
            request = await self._with_channel(conversation, request)
        if request is None and (phrase := nearest_request(text)):
            await conversation.post(blocks.did_you_mean(phrase, text))
            return
        if request and not request.text:
            context = Context.parse(message.event)
            await self.answer_request(conversation, request, context)
            return
        await _answer(conversation, *await message.reply(request.text if request else None))

    async def _with_channel(self, conversation: Conversation, request: AgentRequest) -> AgentRequest | None:
        """Return a request with the id of the person's channel that it names; None if there is none of that name."""
        if self._services.not_granted(conversation.slack, MEMBERSHIP_SCOPES):
            return None
        try:
            channels = (await fetch_member_channels(conversation.slack, conversation.user)).channels
        except SlackCallError as error:  # then the message is a text
            log_failure("listing channels for the agent", error, {"user": conversation.user})
            return None
        found = (one for one, name in channels.items() if command_words(name) == request.name)
        channel = next(found, None)
        return replace(request, channel=channel, name="") if channel else None

    async def answer_request(
        self, conversation: Conversation, request: AgentRequest, context: Context | None = None
    ) -> None:
        """Answer a request; without a ``context``, the last one of the person counts."""
        match request.intent:
            case Intent.ANALYZE:
                await _answer(conversation, blocks.SEND_TEXT, "How a text reads")
            case Intent.DRAFT:
                await _answer(conversation, blocks.SEND_DRAFT, "A draft")
            case Intent.STORED:
                await _answer(conversation, await self._stored(conversation), "What I store")
            case Intent.READ | Intent.THREAD:
                if context is None:
                    context = self._contexts.get(conversation.slack.team, conversation.user)
                await self._read(conversation, request, context)

    async def _read(self, conversation: Conversation, request: AgentRequest, context: Context) -> None:
        """Answer how a message or a channel reads, or how a thread went."""
        message = context.message if request.subject is not Subject.CHANNEL and not request.channel else None
        if request.subject is Subject.ANY and not context.message_first:
            message = None
        channel = request.channel or (message.channel if message else context.channel)
        if refusal := self._not_granted(conversation.slack, request, channel, message):
            reply: Reply | None = refusal
        elif request.subject is Subject.MESSAGE and message is None:
            reply = blocks.OPEN_THREAD if request.intent is Intent.THREAD else blocks.OPEN_MESSAGE
        elif not channel:
            reply = blocks.OPEN_SOMETHING
        else:
            try:
                reply = await self._read_there(conversation, request, channel, message)
            except SlackCallError as error:  # a refusal, which the person is told
                log_failure("reading for the agent", error, {"channel": channel, "user": conversation.user})
                reply = FAILED
        if reply is not None:
            about = "How a thread went" if request.intent is Intent.THREAD else "How a message reads"
            await _answer(conversation, reply, about if message else "")

    def _not_granted(
        self, slack: SlackClient, request: AgentRequest, channel: str, message: MessageRef | None
    ) -> Reply | None:
        """Return which scopes that the answer needs are missing; None if there are all."""
        scopes = {*MEMBERSHIP_SCOPES} if channel else {*MEMBERSHIP_SCOPES, *CONTEXT_SCOPES}
        reader = self._extensions.channel_reader
        if reader and message is None and request.subject is not Subject.MESSAGE:
            scopes |= {*reader.scopes}
        return self._services.not_granted(slack, scopes)

    async def _read_there(
        self, conversation: Conversation, request: AgentRequest, named: str, message: MessageRef | None
    ) -> Reply | None:
        """Return how a message reads, or what keeps a channel from being read; None if the channel's report is sent."""
        slack, user = conversation.slack, conversation.user
        membership = await fetch_member_channels(slack, user)
        channel = membership.find(named)
        if channel is None:
            return ARCHIVED if await is_archived(slack, user, named) else NO_SUCH_CHANNEL
        if not await is_member(slack, channel):
            return NOT_A_MEMBER
        if message and request.intent is Intent.THREAD:
            return await self._read_thread(conversation, message)
        if message and self._extensions.message_reader:
            return await self._extensions.message_reader(slack, message, user)
        if self._extensions.channel_reader:
            return await self._extensions.channel_reader.read(conversation, channel, request.window, membership)
        return blocks.NO_REPORTS

    async def _read_thread(self, conversation: Conversation, message: MessageRef) -> Reply:
        """Return how the thread of a message went, unless the stop button is pressed meanwhile."""
        if self._extensions.thread_reader is None:
            return switched_off("threads")
        read = asyncio.ensure_future(self._extensions.thread_reader(conversation.slack, message))
        self._thread_reads[conversation.thread] = read
        try:
            async with conversation.processing():
                await asyncio.wait([read])
        finally:
            read.cancel()
            if self._thread_reads.get(conversation.thread) is read:
                del self._thread_reads[conversation.thread]
        return STOPPED_READING if read.cancelled() else read.result()

    def stop(self, thread: MessageRef) -> None:
        """Stop reading for a conversation, if this process does so."""
        if read := self._thread_reads.get(thread):
            read.cancel()

    async def _stored(self, conversation: Conversation) -> Reply:
        if self._extensions.stored_data is None:
            return blocks.NOTHING_STORED
        reply = await self._extensions.stored_data(conversation.slack, conversation.user)
        return replace(reply, blocks=[*reply.blocks, blocks.CONTEXT_KEPT])


async def _answer(conversation: Conversation, reply: Reply, title: str) -> None:
    """Post a reply, and show the title if there is one."""
    await conversation.post(reply)
    if title:
        await replace(conversation, title=title).show_title()
