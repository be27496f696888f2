"""The buttons under a private result. Each carries the words it is about, since the bot keeps none."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.slack.asks import Ask
from bot.slack.blocks.reply import ALREADY_SHARED, BUSY, FAILED
from bot.slack.blocks.result import SHARE, SHOW_TOKENS
from bot.slack.judge import Judge
from bot.slack.sender import Sender
from bot.store.claims import Effect


def register(app: AsyncApp, judge: Judge, sender: Sender) -> None:
    """Listen to *Show tokens* and *Share with channel*."""

    @app.action(SHOW_TOKENS)
    async def on_show_tokens(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond
    ) -> None:
        await ack()
        ids = _ids(body)
        reply = await judge.answer(Ask(action.get("value") or "", tokens=True), private=True, quote=True, ids=ids)
        await sender.respond(respond, reply, ids, replace_original=reply not in (BUSY, FAILED))

    @app.action(SHARE)
    async def on_share(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        ids = _ids(body)
        effect = Effect(ids["team"], ids["channel"], ids["ts"], "share")
        if not sender.first(effect):
            await sender.respond(respond, ALREADY_SHARED, ids)
            return
        ask, user = Ask(action.get("value") or ""), body.get("user", {}).get("id")
        reply = await judge.answer(ask, private=False, quote=True, shared_by=user, ids=ids)
        failed = reply in (BUSY, FAILED)
        thread_ts = body.get("container", {}).get("thread_ts")
        taken = await sender.respond(
            respond, reply, ids, response_type="ephemeral" if failed else "in_channel", thread_ts=thread_ts
        )
        if failed or not taken:
            sender.again(effect)


def _ids(body: dict[str, Any]) -> dict[str, str]:
    """Name the message that holds the button."""
    container = body.get("container", {})
    return {
        "team": (body.get("team") or {}).get("id", ""),
        "channel": container.get("channel_id", ""),
        "ts": container.get("message_ts", ""),
    }
