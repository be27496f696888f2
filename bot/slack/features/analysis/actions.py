"""The buttons that open a result and share it. Each carries the words it is about, since the bot keeps none."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from bot.slack.analyzer import Analyzer
from bot.slack.blocks import ALREADY_SHARED, BUSY, FAILED, OPTED_OUT, Reply
from bot.slack.client.sender import Sender
from bot.slack.features.analysis.buttons import SHARE, SHOW_TOKENS, About
from bot.slack.parsing.payloads import ids_of_button
from bot.slack.parsing.request import AnalysisRequest
from bot.store.claims import ClaimResult, Effect


def register(app: AsyncApp, judge: Analyzer, sender: Sender) -> None:
    """Listen to *Show tokens* and *Share with channel*."""

    @app.action(SHOW_TOKENS)
    async def on_show_tokens(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        ids, about = ids_of_button(body, context), About.read(action.get("block_id"))
        reply = await refused(about, body, ids)
        if reply is None:
            ask = AnalysisRequest(action.get("value") or "", tokens=True)
            reply = await judge.answer_privately(ask, quote=about is None, about=about, ids=ids)
        await sender.respond(respond, reply, ids, replace_original=reply not in (BUSY, FAILED))

    @app.action(SHARE)
    async def on_share(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        ids, about = ids_of_button(body, context), About.read(action.get("block_id"))
        effect = Effect(ids["team"], ids["channel"], ids["ts"], "share")
        async with sender.claimed(effect) as claim:
            # Nothing in Slack tells whether somebody who is gone now got round to it.
            if claim is None or claim.before is not ClaimResult.FIRST:
                await sender.respond(respond, ALREADY_SHARED, ids)
                return
            reply = refusal = await refused(about, body, ids)
            if reply is None:
                ask, user = AnalysisRequest(action.get("value") or ""), (body.get("user") or {}).get("id")
                reply = await judge.answer(ask, quote=True, about=about, shared_by=user, ids=ids)
            failed = refusal is not None or reply in (BUSY, FAILED)
            thread_ts = (body.get("container") or {}).get("thread_ts")
            taken = await sender.respond(
                respond, reply, ids, response_type="ephemeral" if failed else "in_channel", thread_ts=thread_ts
            )
            claim.returned = failed or not taken

    async def refused(about: About | None, body: dict[str, Any], ids: dict[str, str]) -> Reply | None:
        """Say so where the author of the message has opted out since the result was drawn."""
        author = about.author if about else None
        asker = (body.get("user") or {}).get("id", "")
        return OPTED_OUT if await judge.declined(ids["team"], author, asker) else None
