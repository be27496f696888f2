"""Direct messages: answered where they stand. Messages elsewhere are none of the bot's business."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.asks import Ask
from bot.slack.blocks.help import help_reply
from bot.slack.events import Post
from bot.slack.judge import Judge
from bot.slack.manifest import COMMAND
from bot.slack.sender import Sender
from bot.store.claims import Effect


def register(app: AsyncApp, judge: Judge, sender: Sender, trigger_emoji: str) -> None:
    """Listen to ``message``."""

    @app.event("message")
    async def on_message(body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        post = Post.read(body)
        if post is None or body["event"].get("channel_type") != "im":
            return
        if not sender.first(Effect(post.team, post.channel, post.ts, "reply")):
            return
        ask = Ask.read(post.text, context.bot_user_id)
        # Text that says nothing asks for help; no text at all, such as a picture, is judged to be nothing.
        if ask.help or (ask.bare and post.text.strip()):
            reply = help_reply(COMMAND, trigger_emoji, context.bot_user_id)
        else:
            reply = await judge.answer(ask, private=False, ids={"channel": post.channel, "ts": post.ts})
        await sender.post(client, post.channel, post.thread_ts, reply)
