"""The buttons under a private result. Each carries the words it is about, since the bot keeps none."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.slack.asks import Ask
from bot.slack.blocks.reply import ALREADY_SHARED, FAILED
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
        ask = Ask(action.get("value") or "", tokens=True)
        reply = await judge.answer(ask, private=True, quote=True, ids=_pressed(body)._asdict())
        await respond(replace_original=reply is not FAILED, **reply.message())

    @app.action(SHARE)
    async def on_share(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        pressed = _pressed(body)
        async with sender.once(pressed) as first:
            if not first:
                await respond(replace_original=False, **ALREADY_SHARED.message())
                return
            ask = Ask(action.get("value") or "")
            user = body.get("user", {}).get("id")
            reply = await judge.answer(ask, private=False, quote=True, shared_by=user, ids=pressed._asdict())
            await respond(
                response_type="ephemeral" if reply is FAILED else "in_channel",
                replace_original=False,
                thread_ts=body.get("container", {}).get("thread_ts"),
                **reply.message(),
            )


def _pressed(body: dict[str, Any]) -> Effect:
    """Name sharing the message that holds the button."""
    container = body.get("container", {})
    team = (body.get("team") or {}).get("id", "")
    return Effect(team, container.get("channel_id", ""), container.get("message_ts", ""), "share")
