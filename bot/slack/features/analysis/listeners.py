"""Listeners for mentions, direct messages and reactions, and what answers the slash command."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.blocks import Reply, Surface
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.conversation import Conversation
from bot.slack.feature import CommandHandler, CommandRequest, DirectMessage, Extensions, Services
from bot.slack.features.analysis.responder import Responder
from bot.slack.parsing.content import message_text
from bot.slack.parsing.events import AddedReaction, EditedMessage, PostedMessage
from bot.slack.parsing.mentions import mentions, without_mention
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.parsing.request import AnalysisRequest
from bot.slack.recovery.claim_manager import Claim
from bot.store.claims import Effect

_TEXT_TITLE = "How a text reads"


def register(app: AsyncApp, responder: Responder, services: Services, extensions: Extensions) -> CommandHandler:
    """Register the listeners; return what answers the slash command."""
    _register_messages(app, services, extensions, _Answers(responder, services, extensions))
    _register_reactions(app, responder, services)

    async def on_command(request: CommandRequest) -> Reply:
        analysis = await asyncio.to_thread(AnalysisRequest.parse, request.text)  # a long text takes a while
        if analysis.help or analysis.empty:
            direct_message = request.channel_name == "directmessage"
            return services.help(request.slack.bot_user_id, direct_message=direct_message)
        surface = Surface.CONVERSATION if request.in_bot_conversation else Surface.EPHEMERAL
        return await responder.reply(analysis, {"channel": request.channel}, surface, quote=True)

    return on_command


def _register_messages(app: AsyncApp, services: Services, extensions: Extensions, answers: "_Answers") -> None:
    async def is_request(event: dict[str, Any], slack: SlackClient) -> bool:
        return event.get("channel_type") == "im" or mentions(message_text(event), slack.bot_user_id)

    # Slack may send a mention as either event, or as both.
    @app.event("app_mention")
    @app.event("message", matchers=[is_request])
    async def on_message(event: dict[str, Any], slack: SlackClient) -> None:
        message = PostedMessage.parse(slack.team, event.get("channel"), event)
        if message is not None:
            await answers.answer_once(slack, message, event if event.get("channel_type") == "im" else None)

    async def is_edit(event: dict[str, Any]) -> bool:
        return event.get("subtype") == "message_changed"

    @app.event("message", matchers=[is_edit])
    async def on_edit(event: dict[str, Any], slack: SlackClient) -> None:
        edit = EditedMessage.parse(slack.team, event)
        if edit is None or not edit.text_changed:
            return
        work = [listener(slack, edit) for listener in extensions.edit_listeners]
        if edit.adds_mention(slack.bot_user_id):  # Slack may send no other event about it
            work.append(answers.answer_once(slack, edit.message))
        results = await asyncio.gather(*work, return_exceptions=True)
        if errors := [result for result in results if result is not None]:
            raise BaseExceptionGroup("handling an edit", errors)


class _Answers:
    """Answers to mentions and direct messages."""

    def __init__(self, responder: Responder, services: Services, extensions: Extensions) -> None:
        self._responder = responder
        self._services = services
        self._extensions = extensions

    async def answer_once(
        self, slack: SlackClient, message: PostedMessage, direct_message: dict[str, Any] | None = None
    ) -> None:
        """Answer a message, or the ``direct_message`` of an event, unless it has been answered already."""
        effect = Effect(message.team, message.channel, message.ts, "reply")
        async with self._services.claims.claim(effect, message.edited_at, repeatable=False) as claim:
            if claim is None:
                return
            if direct_message is None:
                await self._to_mention(slack, message, claim)
            else:
                await self._to_direct_message(slack, message, claim, direct_message)

    async def _to_mention(self, slack: SlackClient, message: PostedMessage, claim: Claim) -> None:
        request = await asyncio.to_thread(AnalysisRequest.parse, message.text, slack.bot_user_id)
        reply = await self._command_reply(slack, message)
        if reply is None and request.empty and message.thread_ts and message.thread_ts != message.ts:
            first = MessageRef(message.channel, message.thread_ts)
            reply, _ = await self._responder.fetch_and_reply(slack, first, message.user, breakdown=request.breakdown)
        elif reply is None and (request.help or request.empty):
            reply = self._services.help(slack.bot_user_id)
        if reply is not None:
            # Only to the asker, since it is of use to them alone, or about a message that somebody else wrote.
            await claim.post_ephemeral(slack, message.channel, message.user, claim.mark_late(reply), message.thread_ts)
            return
        reply = await self._reply(message, request)
        await claim.post(slack, message.channel, claim.mark_late(reply), message.thread_ts or message.ts)

    async def _to_direct_message(
        self, slack: SlackClient, message: PostedMessage, claim: Claim, event: dict[str, Any]
    ) -> None:
        async def reply_to(text: str | None) -> tuple[Reply, str]:
            if text is None:
                return await self._direct_reply(slack, message)
            request = AnalysisRequest(await asyncio.to_thread(plain_text, text))
            return await self._reply(message, request), _TEXT_TITLE

        if handle := self._extensions.direct_message_handler:
            thread = MessageRef(message.channel, message.thread_ts or message.ts)
            conversation = Conversation(slack, claim, message.user, thread)
            text = without_mention(message.text, slack.bot_user_id)
            await handle(DirectMessage(conversation, text, event, reply_to))
            return
        reply, _ = await reply_to(None)
        await claim.post(slack, message.channel, claim.mark_late(reply), message.thread_ts)

    async def _direct_reply(self, slack: SlackClient, message: PostedMessage) -> tuple[Reply, str]:
        """Return the reply to a direct message, and a title for it without words of the message."""
        if (reply := await self._command_reply(slack, message)) is not None:
            return reply, "A command"
        request = await asyncio.to_thread(AnalysisRequest.parse, message.text, slack.bot_user_id)
        # A message with only a mention asks for help; one without text, such as a picture, has no content.
        if request.help or (request.empty and message.text.strip()):
            return self._services.help(slack.bot_user_id, direct_message=True), "Help"
        return await self._reply(message, request), _TEXT_TITLE

    async def _command_reply(self, slack: SlackClient, message: PostedMessage) -> Reply | None:
        text = without_mention(message.text, slack.bot_user_id)
        reply = await self._extensions.answer_command(slack, message, text)
        return reply or self._services.subcommands.reply_to_message(text)

    async def _reply(self, message: PostedMessage, request: AnalysisRequest) -> Reply:
        return await self._responder.reply(request, ids={"channel": message.channel, "ts": message.ts})


def _register_reactions(app: AsyncApp, responder: Responder, services: Services) -> None:
    @app.event("reaction_added")
    async def on_reaction(event: dict[str, Any], slack: SlackClient) -> None:
        reaction = AddedReaction.parse(slack.team, event)
        if reaction is None or reaction.emoji != services.settings.trigger_emoji:
            return
        effect = Effect(reaction.team, reaction.channel, reaction.ts, f"answer to {reaction.user}")
        async with services.claims.claim(effect, reaction.time) as claim:
            if claim is None:
                return
            message = MessageRef(reaction.channel, reaction.ts)
            # Slack shows an ephemeral message only in a thread that exists; otherwise it goes to the channel.
            reply, thread_ts = await responder.fetch_and_reply(slack, message, reaction.user)
            await claim.post_ephemeral(slack, reaction.channel, reaction.user, claim.mark_late(reply), thread_ts)
