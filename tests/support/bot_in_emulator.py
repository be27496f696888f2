"""The whole bot in an emulated workspace, connected over HTTP and WebSocket as it is to Slack."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import REGISTRY

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack.feature import Feature
from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.request import COMMAND
from bot.slack.timing import Timing
from bot.store.database import IN_MEMORY
from slack_emulator import Message, Schedule, Workspace, serve
from tests.support.manifests import manifest
from tests.support.processes import poll

WITHOUT_AGENT = ("watching", "workflows")
"""The setting ``FEATURES`` of most tests; with the agent view, direct messages are answered in threads."""

FAST_REDELIVERY = Schedule(ack_within=3, redeliver_after=(0, 0.1))
"""Slack's time limit for acknowledgements, and two redeliveries without its pauses of minutes."""

FAST_TIMING = Timing(lambda: 1000 * time.monotonic(), lambda seconds: asyncio.sleep(seconds / 1000))
"""Rate limits and pauses between retries pass a thousand times as fast."""


@dataclass(frozen=True)
class RunningBot:
    """A workspace with the bot in it, and shortcuts for what most tests need.

    ``ana``, ``ben`` and ``chloe`` are ids of people in #general.
    """

    workspace: Workspace
    settings: Settings

    @property
    def ana(self) -> str:
        """The id of Ana."""
        return self.workspace.user_id("ana")

    @property
    def ben(self) -> str:
        """The id of Ben."""
        return self.workspace.user_id("ben")

    @property
    def chloe(self) -> str:
        """The id of Chloe."""
        return self.workspace.user_id("chloe")

    @property
    def general(self) -> str:
        """The id of #general, of which the bot is a member."""
        return self.workspace.channel_id("general")

    @property
    def dm(self) -> str:
        """The id of the direct message between Ana and the bot."""
        return self.workspace.dm_id("ana")

    @property
    def mention(self) -> str:
        """The bot's mention, in mrkdwn."""
        return f"<@{self.workspace.bot_user_id}>"

    def answers(self, user: str, channel: str) -> list[Message]:
        """Return the bot's messages in ``channel`` that ``user`` sees."""
        return [m for m in self.workspace.seen_by(user, channel) if m.user == self.workspace.bot_user_id]

    async def wait_for_answer(self, user: str, channel: str, count: int = 1, seconds: float = 30) -> Message:
        """Wait until ``user`` sees ``count`` messages of the bot in ``channel``; return the last."""
        seen = await self.workspace.until(
            lambda: len(self.answers(user, channel)) >= count and self.answers(user, channel), timeout=seconds
        )
        assert len(seen) == count
        return seen[-1]

    async def wait_until_processed(self) -> None:
        """Wait until the bot, which runs in this process, has acknowledged and handled all events so far."""
        await poll(lambda: self.workspace.delivery.idle and REGISTRY.get_sample_value("bot_in_flight") == 0)

    async def assert_answer_count(self, count: int, user: str, channel: str) -> None:
        """Assert that ``user`` sees ``count`` messages of the bot once it has also answered another message."""
        before = len(self.answers(self.ben, self.workspace.dm_id("ben")))
        await self.workspace.post(self.ben, self.workspace.dm_id("ben"), "What a lovely day")
        await self.wait_for_answer(self.ben, self.workspace.dm_id("ben"), before + 1)
        await self.wait_until_processed()
        assert len(self.answers(user, channel)) == count

    async def run_command(self, text: str, *, user: str | None = None, channel: str | None = None) -> Message:
        """Use the slash command, by default as Ana in #general; return the answer."""
        user, channel = user or self.ana, channel or self.general
        before = len(self.answers(user, channel))
        await self.workspace.command(user, channel, COMMAND, text)
        return await self.wait_for_answer(user, channel, before + 1)

    async def command_in_dm(self, user: str, text: str) -> Message:
        """Use the slash command in the direct message between ``user`` and the bot; return the answer."""
        return await self.run_command(text, user=user, channel=self.workspace.state.dm(user).id)


def bot_settings(
    workspace: Workspace, api_url: str, database_url: str = IN_MEMORY, features: Collection[str] = WITHOUT_AGENT
) -> Settings:
    """Return the settings of a bot that is connected to ``workspace`` over Socket Mode."""
    return Settings(
        slack_bot_token=workspace.bot_token,
        slack_app_token=workspace.app_token,
        slack_api_url=api_url,
        features=frozenset(features),
        database_url=database_url,
    )


@asynccontextmanager
async def run_bot(
    engine: Engine,
    features: Collection[str] = WITHOUT_AGENT,
    database_url: str = IN_MEMORY,
    timing: Timing = FAST_TIMING,
    packages: Sequence[Feature] = ALL_FEATURES,
) -> AsyncIterator[RunningBot]:
    """Run the bot in a new workspace inside the block.

    Args:
        engine: classifies the messages.
        features: the setting ``FEATURES``.
        database_url: the database; by default one in memory.
        timing: clocks and timeouts.
        packages: the features that the bot is assembled from.
    """
    workspace = Workspace(manifest(features=features, packages=packages), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        settings = bot_settings(workspace, server.api_url, database_url, features)
        async with app.connected(settings, engine, timing, packages):
            yield RunningBot(workspace, settings)


def text_in(message: Message) -> str:
    """Return all text in a message's blocks."""

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
