"""A mention: answered in its thread; without text, inside a thread, it is about the message that started it."""

from collections.abc import Collection
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.analyzer import Analyzer
from bot.slack.client.sender import Claim, Sender
from bot.slack.help import help_reply
from bot.slack.parsing.events import Post
from bot.slack.parsing.request import AnalysisRequest
from bot.slack.transport.manifest import COMMAND
from bot.store.claims import Effect


def register(app: AsyncApp, judge: Analyzer, sender: Sender, trigger_emoji: str, features: Collection[str]) -> None:
    """Listen to ``app_mention``."""

    @app.event("app_mention")
    async def on_mention(body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        post = Post.read(body, context.team_id)
        if post is None:
            return
        async with sender.claimed(Effect(post.team, post.channel, post.ts, "reply")) as claim:
            if claim is not None:
                await answer(client, post, context.bot_user_id, claim)

    async def answer(client: AsyncWebClient, post: Post, bot: str | None, claim: Claim) -> None:
        ask = AnalysisRequest.read(post.text, bot)
        if ask.bare and post.thread_ts and post.thread_ts != post.ts:
            reply, _ = await judge.answer_about(
                client, post.team, post.channel, post.thread_ts, post.user, bot, tokens=ask.tokens
            )
            # To the asker alone, since somebody else may have written what the thread is about.
            await sender.whisper(client, post.channel, post.user, post.thread_ts, reply, claim)
            return
        if ask.help or ask.bare:
            reply = help_reply(COMMAND, trigger_emoji, bot, features)
        else:
            reply = await judge.answer(ask, ids={"channel": post.channel, "ts": post.ts})
        await sender.post(client, post.channel, post.thread_ts or post.ts, reply, claim)
