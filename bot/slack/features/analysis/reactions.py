"""The trigger emoji on a message: tells who added it, and nobody else, how the message reads."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.analyzer import Analyzer
from bot.slack.client.sender import Sender
from bot.slack.parsing.events import Reaction
from bot.store.claims import Effect


def register(app: AsyncApp, judge: Analyzer, sender: Sender, trigger_emoji: str) -> None:
    """Listen to ``reaction_added``."""

    @app.event("reaction_added")
    async def on_reaction(body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        reaction = Reaction.read(body, context.team_id)
        if reaction is None or reaction.emoji != trigger_emoji:
            return
        effect = Effect(reaction.team, reaction.channel, reaction.ts, f"answer to {reaction.user}")
        async with sender.claimed(effect, reaction.at) as claim:
            if claim is None:
                return
            # Slack shows a private message in a thread that has begun only: without one it goes beside it.
            reply, thread_ts = await judge.answer_about(
                client, reaction.team, reaction.channel, reaction.ts, reaction.user, context.bot_user_id
            )
            await sender.whisper(client, reaction.channel, reaction.user, thread_ts, reply, claim)
