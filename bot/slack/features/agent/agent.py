"""The agent: answers in the conversations of its view."""

from dataclasses import replace

from bot.errors import SlackCallError
from bot.slack.blocks import FAILED, NOT_A_MEMBER, Reply
from bot.slack.client.queries import fetch_member_channels, is_member
from bot.slack.client.slack_client import MessageRef
from bot.slack.conversation import Conversation
from bot.slack.feature import DirectMessage, Extensions
from bot.slack.features.agent import blocks
from bot.slack.features.agent.context import Context, ContextMemory
from bot.slack.features.agent.intents import AgentRequest, Intent, Subject, nearest_request
from bot.slack.log import log_failure


class Agent:
    """Answers requests; what is none is left to the analysis of texts."""

    def __init__(self, extensions: Extensions, contexts: ContextMemory) -> None:
        self._extensions = extensions
        self._contexts = contexts

    async def answer_message(self, message: DirectMessage) -> None:
        """Answer a direct message in its thread, and give the conversation a title."""
        conversation, text = message.conversation, message.text
        request = AgentRequest.parse(text)
        if request is None and (phrase := nearest_request(text)):
            await conversation.post(blocks.did_you_mean(phrase, text))
            return
        if request and not request.text:
            context = Context.parse(message.event)
            await self.answer_request(conversation, request, context)
            return
        reply, title = await message.reply(request.text if request else None)
        await conversation.post(reply)
        await replace(conversation, title=title).show_title()

    async def answer_request(
        self, conversation: Conversation, request: AgentRequest, context: Context | None = None
    ) -> None:
        """Answer a request; without a ``context``, the last one of the person counts."""
        match request.intent:
            case Intent.ANALYZE:
                reply, title = blocks.SEND_TEXT, "How a text reads"
            case Intent.DRAFT:
                reply, title = blocks.SEND_DRAFT, "A draft"
            case Intent.STORED:
                reply, title = await self._stored(conversation), "What I store"
            case Intent.READ:
                if context is None:
                    context = self._contexts.get(conversation.slack.team, conversation.user)
                await self._read(conversation, request, context)
                return
        await conversation.post(reply)
        await replace(conversation, title=title).show_title()

    async def _read(self, conversation: Conversation, request: AgentRequest, context: Context) -> None:
        """Answer how a message or a channel reads."""
        message = context.message if request.subject is not Subject.CHANNEL and not request.channel else None
        if request.subject is Subject.ANY and not context.message_first:
            message = None
        channel = request.channel or (message.channel if message else context.channel)
        if request.subject is Subject.MESSAGE and message is None:
            reply: Reply | None = blocks.OPEN_MESSAGE
        elif not channel:
            reply = blocks.OPEN_SOMETHING
        else:
            try:
                reply = await self._read_there(conversation, channel, message)
            except SlackCallError as error:  # a refusal, which the person is told
                log_failure("reading for the agent", error, {"channel": channel, "user": conversation.user})
                reply = FAILED
        if reply is not None:
            await conversation.post(reply)
            if message:
                await replace(conversation, title="How a message reads").show_title()

    async def _read_there(self, conversation: Conversation, channel: str, message: MessageRef | None) -> Reply | None:
        """Return how a message reads, or what keeps a channel from being read; None if the channel's report is sent."""
        slack, user = conversation.slack, conversation.user
        membership = await fetch_member_channels(slack, user)
        if channel not in membership.channels:
            return blocks.NO_SUCH_CHANNEL
        if not await is_member(slack, channel):
            return NOT_A_MEMBER
        if message:
            for read_message in self._extensions.message_readers:
                return await read_message(slack, message, user)
        for read_channel in self._extensions.channel_readers:
            return await read_channel(conversation, channel, membership)
        return blocks.NO_REPORTS

    async def _stored(self, conversation: Conversation) -> Reply:
        for describe in self._extensions.stored_data:
            reply = await describe(conversation.slack, conversation.user)
            return replace(reply, blocks=[*reply.blocks, blocks.CONTEXT_KEPT])
        return blocks.NOTHING_STORED
