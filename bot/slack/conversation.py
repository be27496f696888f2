"""A conversation with the agent: a thread of somebody's direct message with the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.slack.blocks import Reply
from bot.slack.client.agent import set_session_status
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.recovery.claim_manager import Claim


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where an answer goes, and under which claim: ``thread`` is the message that started the conversation.

    A ``title`` has nothing that a person wrote; Slack shows the first one.
    """

    slack: SlackClient
    claim: Claim
    user: str
    thread: MessageRef
    title: str = ""

    async def post(self, reply: Reply) -> MessageRef | None:
        """Post in the thread; returns and raises what :meth:`Claim.post` does."""
        return await self.claim.post(self.slack, self.thread.channel, self.claim.mark_late(reply), self.thread.ts)

    async def show_title(self) -> None:
        """Show the title, once the answer is posted."""
        await set_session_status(self.slack, self.thread, "active", self.title)

    @asynccontextmanager
    async def processing(self) -> AsyncIterator[None]:
        """Show inside the block that the bot is working, and the title."""
        try:
            await set_session_status(self.slack, self.thread, "processing", self.title)
            yield
        finally:
            await set_session_status(self.slack, self.thread, "active")
