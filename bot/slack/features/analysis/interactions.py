"""Listeners for the buttons below a result and for the shortcuts."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import (
    ALREADY_SHARED,
    BUSY,
    FAILED,
    OPTED_OUT,
    SHOW_HELP,
    TOO_LATE,
    Surface,
    context,
    input_values,
    modal,
)
from bot.slack.client.queries import FetchedMessage
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import Services
from bot.slack.features.analysis import blocks
from bot.slack.features.analysis.responder import Responder
from bot.slack.parsing.content import escape
from bot.slack.parsing.events import ActionSource
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.parsing.request import AnalysisRequest
from bot.store.claims import ClaimResult, Effect

ANALYZE_MESSAGE = "analyze_message"
CHECK_DRAFT = "check_draft"

_BREAKDOWN_SECONDS = 2.0  # Slack waits three seconds for the answer to a submission


def register(app: AsyncApp, responder: Responder, services: Services) -> None:
    """Register the listeners."""
    _register_buttons(app, responder, services)
    _register_shortcuts(app, responder)

    @app.action(SHOW_HELP)
    async def on_help(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        view = modal("All commands", services.help(slack.bot_user_id, short=False).blocks)
        await slack.open_view(body.get("trigger_id") or "", view)


def _register_buttons(app: AsyncApp, responder: Responder, services: Services) -> None:
    @app.action(blocks.SHOW_TOKENS)
    async def on_show_tokens(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source, message = ActionSource.parse(body), blocks.AnalyzedMessage.parse(action.get("block_id"))
        # The author may have opted out since the result was shown.
        if message and await services.analyzer.has_opted_out(slack.team, message.author, source.user):
            reply = OPTED_OUT
        else:
            request = AnalysisRequest(action.get("value") or "", breakdown=True)
            ids = {"channel": source.channel, "ts": source.ts}
            surface = Surface.CONVERSATION if source.in_bot_conversation else Surface.EPHEMERAL
            reply = await responder.reply(request, ids, surface, quote=message is None, message=message)
        await slack.respond(source, reply, replace_original=reply not in (BUSY, FAILED))

    @app.action(blocks.SHARE)
    async def on_share(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source, message = ActionSource.parse(body), blocks.AnalyzedMessage.parse(action.get("block_id"))
        async with services.claims.claim(Effect(slack.team, source.channel, source.ts, "share")) as claim:
            # Slack does not show whether a process that has ended shared it.
            if claim is None or claim.result is not ClaimResult.FIRST:
                await slack.respond(source, ALREADY_SHARED)
                return
            if message and await services.analyzer.has_opted_out(slack.team, message.author, source.user):
                reply, shared = OPTED_OUT, False
            else:
                request = AnalysisRequest(action.get("value") or "")
                ids = {"channel": source.channel, "ts": source.ts}
                reply = await responder.reply(request, quote=True, message=message, shared_by=source.user, ids=ids)
                shared = reply not in (BUSY, FAILED)
            accepted = await slack.respond(source, reply, public=shared)
            claim.released = not (shared and accepted)


def _register_shortcuts(app: AsyncApp, responder: Responder) -> None:
    @app.shortcut({"type": "message_action", "callback_id": ANALYZE_MESSAGE})
    async def on_message(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        # The modal before the model, since the trigger expires after three seconds.
        view_id = await slack.open_view(body.get("trigger_id") or "", modal("Sentiment", [context("Reading…")]))
        if view_id is None:
            await slack.respond(ActionSource.parse(body), TOO_LATE)
            return
        ids = {"channel": (body.get("channel") or {}).get("id"), "ts": body.get("message_ts")}
        message, user = body.get("message") or {}, (body.get("user") or {}).get("id", "")
        if message.get("subtype") == "tombstone":  # a deleted message whose thread remains
            reply = blocks.NOT_FOUND
        else:
            found = FetchedMessage.parse(message)
            reply = await responder.reply_about(slack, found, user, breakdown=True, ids=ids, surface=Surface.MODAL)
        await slack.update_view(view_id, modal("Sentiment", reply.blocks))

    @app.shortcut({"type": "shortcut", "callback_id": CHECK_DRAFT})
    async def on_draft(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        if await slack.open_view(body.get("trigger_id") or "", blocks.draft_view()) is None:
            await slack.post((body.get("user") or {}).get("id", ""), TOO_LATE)  # it was not used in any channel

    @app.view(blocks.DRAFT)
    async def on_submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        text = input_values(view).get("draft") or ""
        draft = await asyncio.to_thread(plain_text, escape(text))
        ids = {"user": (body.get("user") or {}).get("id", "")}
        # In the answer to the submission: an update of the view could reach Slack before the answer, and be lost.
        try:
            async with asyncio.timeout(_BREAKDOWN_SECONDS):
                reply = await responder.reply(AnalysisRequest(draft, breakdown=True), ids, Surface.MODAL)
        except TimeoutError:  # a long draft, or a busy bot: the label alone is quick
            reply = await responder.reply(AnalysisRequest(draft), ids, Surface.MODAL)
        await ack(response_action="update", view=blocks.next_draft_view(view, text, reply.blocks))
