"""Helpers for tests of reports, digests and alerts, whose workspace has a clock of its own."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.sentiment.engine.engine import Engine
from bot.slack.analyzer import Analyzer
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.reports.reporter import Reporter
from bot.slack.features.reports.scheduler import Scheduler
from bot.slack.recovery.claim_manager import ClaimManager
from bot.store import processes
from bot.store.database import open_database
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot

POSITIVE_TEXT = "I love this wonderful day"
NEGATIVE_TEXT = "I hate this so much, it is awful"
NEUTRAL_TEXT = "The meeting is at ten"

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
"""A Tuesday."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def set_clock(bot: RunningBot, now: datetime) -> None:
    """Stop the workspace's clock at ``now``; it must not go backwards."""
    bot.workspace.state.clock = now.timestamp


def other_client(bot: RunningBot) -> SlackClient:
    """Return the client of another process of the bot."""
    settings = bot.settings
    web = AsyncWebClient(
        settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, retry_handlers=[]
    )
    return SlackClient(web, CallExecutor(FAST_TIMING), bot.workspace.team_id, bot.workspace.bot_user_id)


@asynccontextmanager
async def other_reporter(bot: RunningBot, engine: Engine) -> AsyncIterator[tuple[Reporter, SlackClient]]:
    """Yield the reporter of another process of the bot, which uses the same database, and its client."""
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        yield Reporter(Analyzer(engine, database, 0.6), database), other_client(bot)


@asynccontextmanager
async def other_scheduler(bot: RunningBot, engine: Engine, clock: Callable[[], float]) -> AsyncIterator[Scheduler]:
    """Yield the scheduler of another process of the bot, which uses the same database and its own ``clock``."""
    settings, slack = bot.settings, other_client(bot)
    with open_database(settings.database_url.get_secret_value()) as database:
        claims = ClaimManager(database)
        reporter = Reporter(Analyzer(engine, database, 0.6), database, clock)
        await database.run(processes.heartbeat, claims.process, time.time())

        async def get_workspace(_team: str) -> SlackClient:
            return slack

        yield Scheduler(reporter, claims, database, get_workspace)
        await reporter.stop()
