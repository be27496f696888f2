"""A whole bot against the stand-in for Slack, talking to it with the real SDK over HTTP and WebSocket."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.timing import Timing
from bot.store.database import IN_MEMORY
from slack_emulator import Message, Schedule, Workspace, serve
from tests.support.manifests import manifest

# Slack's own patience, and two redeliveries, as fast as the test can take them.
QUICK = Schedule(ack_within=3, redeliver_after=(0, 0.1))

# Slack's limits pass so quickly that no test waits for them; tests of the pace have clocks of their own.
HASTY = Timing(lambda: 1000 * time.monotonic(), lambda seconds: asyncio.sleep(seconds / 1000))


@dataclass(frozen=True)
class Stage:
    """The workspace with the bot in it, and short names for what tests ask all the time."""

    workspace: Workspace
    settings: Settings

    @property
    def ana(self) -> str:
        """A person who is in #general."""
        return self.workspace.user_id("ana")

    @property
    def ben(self) -> str:
        """Another one."""
        return self.workspace.user_id("ben")

    @property
    def chloe(self) -> str:
        """A third one."""
        return self.workspace.user_id("chloe")

    @property
    def general(self) -> str:
        """A channel that the bot is in."""
        return self.workspace.channel_id("general")

    @property
    def dm(self) -> str:
        """The direct message between ana and the bot."""
        return self.workspace.dm_id("ana")

    @property
    def mention(self) -> str:
        """What mentions the bot in a text."""
        return f"<@{self.workspace.bot_user_id}>"

    def answers(self, user: str, channel: str) -> list[Message]:
        """Return what the bot has said that ``user`` sees in ``channel``."""
        return [m for m in self.workspace.seen_by(user, channel) if m.user == self.workspace.bot_user_id]

    async def answer(self, user: str, channel: str, count: int = 1) -> Message:
        """Wait until the bot has said ``count`` things there; return the last."""
        seen = await self.workspace.until(
            lambda: len(self.answers(user, channel)) >= count and self.answers(user, channel)
        )
        assert len(seen) == count
        return seen[-1]

    async def settled(self, count: int, user: str, channel: str) -> None:
        """Show that the bot has said ``count`` things and no more, once it has dealt with all that came before.

        The tests' engine judges about in order, so once a text that comes last is answered, all others are.
        """
        before = len(self.answers(self.ben, self.workspace.dm_id("ben")))
        await self.workspace.post(self.ben, self.workspace.dm_id("ben"), "What a lovely day")
        await self.answer(self.ben, self.workspace.dm_id("ben"), before + 1)
        assert len(self.answers(user, channel)) == count


@asynccontextmanager
async def staged(
    engine: Engine,
    features: Collection[str] = FEATURES,
    database_url: str = IN_MEMORY,
    timing: Timing = HASTY,
) -> AsyncIterator[Stage]:
    """Start a workspace, and the bot in it with ``engine`` and, if not told otherwise, all that can be switched on."""
    workspace = Workspace(manifest(features=features), schedule=QUICK)
    async with serve(workspace) as server:
        settings = Settings(
            slack_bot_token=workspace.bot_token,
            slack_app_token=workspace.app_token,
            slack_api_url=server.api_url,
            features=frozenset(features),
            database_url=database_url,
        )
        async with app.connected(settings, engine, timing):
            yield Stage(workspace, settings)


def text_in(message: Message) -> str:
    """Return all text that a message's blocks show."""

    def texts(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                yield node["text"]
            for value in node.values():
                yield from texts(value)
        elif isinstance(node, list):
            for value in node:
                yield from texts(value)

    return "\n".join(texts(message.blocks))
