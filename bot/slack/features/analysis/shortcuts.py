"""The shortcuts: a message's ⋮ menu, and a draft from anywhere. Both answer in a window that only the asker sees."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import FAILED, NOT_FOUND, OPTED_OUT, OWN_MESSAGE, TOO_LATE, Reply
from bot.slack.client.failures import log_failure
from bot.slack.client.sender import Sender
from bot.slack.parsing.content import escape, message_text
from bot.slack.parsing.mrkdwn import plain_text, without_mention
from bot.slack.parsing.request import AnalysisRequest
from bot.slack.transport.manifest import ANALYZE_MESSAGE, CHECK_DRAFT
from bot.slack.views import DRAFT, READING, draft_view, result_view, values

_PATIENCE = 2.0  # seconds; Slack waits three for an answer


def register(app: AsyncApp, judge: Analyzer, sender: Sender) -> None:
    """Listen to *Analyze sentiment* and *Check a draft*."""

    @app.shortcut({"type": "message_action", "callback_id": ANALYZE_MESSAGE})
    async def on_message(
        ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        ids = {"channel": (body.get("channel") or {}).get("id"), "ts": body.get("message_ts")}
        # First the window, then the model: a trigger is good for three seconds.
        view_id = await sender.open(client, body.get("trigger_id") or "", result_view(READING), ids)
        if view_id is None:
            await sender.respond(respond, TOO_LATE, ids)
            return
        try:
            reply = await _about(judge, body, context, ids)
        except BotError as error:
            log_failure("looking whether somebody has opted out", error, ids)
            reply = FAILED
        await sender.update(client, view_id, result_view(reply.blocks), ids)

    @app.shortcut({"type": "shortcut", "callback_id": CHECK_DRAFT})
    async def on_draft(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        user = (body.get("user") or {}).get("id", "")
        if await sender.open(client, body.get("trigger_id") or "", draft_view(), {"user": user}) is None:
            await sender.post(client, user, None, TOO_LATE)  # there is no channel to say it in but their own

    @app.view(DRAFT)
    async def on_checked(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        text = values(view).get("draft") or ""
        ids = {"user": (body.get("user") or {}).get("id", "")}
        words = plain_text(escape(text))
        # In the answer itself: an update after it could reach Slack before it, and be lost.
        try:
            async with asyncio.timeout(_PATIENCE):
                reply = await judge.answer(AnalysisRequest(words, tokens=True), ids=ids)
        except TimeoutError:  # a long draft, or a busy hour: the label alone is quick
            reply = await judge.answer(AnalysisRequest(words), ids=ids)
        await ack(response_action="update", view=draft_view(text, reply.blocks))


async def _about(judge: Analyzer, body: dict[str, Any], context: AsyncBoltContext, ids: dict[str, Any]) -> Reply:
    """Judge the message that a shortcut was used on, for whoever used it."""
    bot_user_id = context.bot_user_id
    message, user = body.get("message") or {}, (body.get("user") or {}).get("id", "")
    if message.get("subtype") == "tombstone":  # what is left of a deleted message that has a thread
        return NOT_FOUND
    author = message.get("user")
    if bot_user_id is not None and author == bot_user_id:
        return OWN_MESSAGE
    if await judge.declined(context.team_id or "", author, user):
        return OPTED_OUT
    ask = AnalysisRequest(plain_text(without_mention(message_text(message), bot_user_id)), tokens=True)
    return await judge.answer(ask, quote=True, ids=ids)
