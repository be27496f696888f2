"""More people than a new workspace has, and messages that they wrote in the past."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
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
from slack_emulator import Message, User
from tests.support.stage import HASTY, Stage

GOOD, BAD, PLAIN = "I love this wonderful day", "I hate this so much, it is awful", "The meeting is at ten"

NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
"""A Tuesday."""

DAY = timedelta(days=1)


def set_clock(stage: Stage, now: datetime) -> None:
    """Let it be ``now`` at Slack's; time there never goes back."""
    stage.workspace.state.clock = now.timestamp


def crowd(stage: Stage, channel: str, count: int = 6) -> Sequence[str]:
    """Return ``count`` people who are in a channel."""
    state = stage.workspace.state
    for i in range(count):
        user = User(f"UCROWD{i}", f"crowd{i}", f"Person {i}", stage.workspace.team_id)
        state.users.setdefault(user.id, user)
        if user.id not in state.channels[channel].members:
            state.channels[channel].members.append(user.id)
    return [f"UCROWD{i}" for i in range(count)]


@asynccontextmanager
async def another(stage: Stage, engine: Engine, clock: Callable[[], float]) -> AsyncIterator[Scheduler]:
    """Give the rounds of another process of the bot, with the same database and a clock of its own."""
    settings = stage.settings
    web = AsyncWebClient(
        settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, retry_handlers=[]
    )
    slack = SlackClient(web, CallExecutor(HASTY), stage.workspace.team_id, stage.workspace.bot_user_id)
    with open_database(settings.database_url.get_secret_value()) as database:
        claims = ClaimManager(database)
        reporter = Reporter(Analyzer(engine, database, 0.6), database, clock)
        await database.run(processes.heartbeat, claims.process, time.time())

        async def get_workspace(_team: str) -> SlackClient:
            return slack

        yield Scheduler(reporter, claims, database, get_workspace)
        await reporter.stop()


def wrote(stage: Stage, channel: str, user: str, text: str, at: datetime, **fields: object) -> str:
    """Put a message into a channel's history, of which the bot hears nothing; return its ts."""
    place = stage.workspace.state.channels[channel]
    number = len(place.messages)
    ts = f"{int(at.timestamp())}.{number:06d}"
    message = Message(channel, ts, user, text, stage.workspace.team_id)
    for name, value in fields.items():
        setattr(message, name, value)
    last = next(reversed(place.messages), "0")
    place.add(message)
    if float(ts) < float(last):
        place.messages = dict(sorted(place.messages.items(), key=lambda item: float(item[0])))
    return ts
