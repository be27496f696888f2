"""Messages: a direct one is answered where it stands, one in a watched channel gets an emoji."""

from collections.abc import Collection
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.analyzer import Analyzer
from bot.slack.client.sender import Sender
from bot.slack.features.watching.watcher import Watcher
from bot.slack.help import help_reply
from bot.slack.parsing.events import Edit, Post
from bot.slack.parsing.request import AnalysisRequest
from bot.slack.transport.manifest import COMMAND
from bot.store.claims import Effect


def register(
    app: AsyncApp,
    judge: Analyzer,
    sender: Sender,
    watcher: Watcher | None,
    trigger_emoji: str,
    features: Collection[str],
) -> None:
    """Listen to ``message``; without a ``watcher`` watching is switched off."""

    @app.event("message")
    async def on_message(body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        bot = context.bot_user_id
        direct = body["event"].get("channel_type") == "im"
        if post := Post.read(body, context.team_id):
            if direct:
                await answer(client, post, bot)
            elif watcher is not None:
                await watcher.on_post(client, post, bot)
        elif watcher is not None and not direct and (edit := Edit.read(body, context.team_id)):
            await watcher.on_edit(client, edit, bot)

    async def answer(client: AsyncWebClient, post: Post, bot: str | None) -> None:
        async with sender.claimed(Effect(post.team, post.channel, post.ts, "reply")) as claim:
            if claim is None:
                return
            ask = AnalysisRequest.read(post.text, bot)
            # Text that says nothing asks for help; no text at all, such as a picture, is judged to be nothing.
            if ask.help or (ask.bare and post.text.strip()):
                reply = help_reply(COMMAND, trigger_emoji, bot, features, direct=True)
            else:
                reply = await judge.answer(ask, ids={"channel": post.channel, "ts": post.ts})
            await sender.post(client, post.channel, post.thread_ts, reply, claim)
