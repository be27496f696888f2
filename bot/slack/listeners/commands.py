"""The slash command: answers only who typed it."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond

from bot.slack.asks import Ask
from bot.slack.blocks.help import help_reply
from bot.slack.judge import Judge
from bot.slack.manifest import COMMAND
from bot.slack.sender import Sender


def register(app: AsyncApp, judge: Judge, sender: Sender, trigger_emoji: str) -> None:
    """Listen to ``/sentiment``."""

    @app.command(COMMAND)
    async def on_command(
        ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        ids = {name: command.get(name) for name in ("team_id", "channel_id", "user_id")}
        ask = Ask.read(command.get("text") or "")
        if ask.help or ask.bare:
            reply = help_reply(COMMAND, trigger_emoji, context.bot_user_id)
        else:
            reply = await judge.answer(ask, private=True, quote=True, ids=ids)
        await sender.respond(respond, reply, ids)
