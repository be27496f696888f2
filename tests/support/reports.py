"""Helpers for tests of reports, digests and alerts, whose workspace has a clock of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from benchmarks.members import add_members
from bot.sentiment.engine.engine import Engine
from bot.slack.analyzer import Analyzer
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.reports.reporter import Reporter
from bot.slack.features.reports.scheduler import Scheduler
from bot.slack.recovery.claim_manager import ClaimManager
from bot.store import processes
from bot.store.channels import counts
from bot.store.database import open_database
from slack_emulator import Message
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.watching import watch

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
        reporter = Reporter(Analyzer(engine, database, 0.6), database)
        yield reporter, other_client(bot)
        await reporter.stop()  # a read would wait for the closed database for ever


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


@asynccontextmanager
async def run_watching_bot(engine: Engine, database_url: str) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open; it is ``NOW``, and #general is watched."""
    async with run_bot(engine, database_url=database_url) as bot:
        set_clock(bot, NOW)
        await watch(bot)
        yield bot


def add_history(bot: RunningBot, *, people: int = 6, days: int = 14, text: str = NEUTRAL_TEXT) -> None:
    """Add a message of each of ``people`` on each of the last ``days`` to #general."""
    general = bot.workspace.state.channels[bot.general]
    for back in range(days, -1, -1):
        for i, user in enumerate(add_members(bot.workspace, bot.general, people)):
            bot.workspace.messages.add_past(
                general, user, (POSITIVE_TEXT, NEGATIVE_TEXT, text)[i % 3], NOW - back * DAY - (i + 1) * HOUR
            )


def add_threads(bot: RunningBot, count: int) -> list[Message]:
    """Add threads of two people and one reply each to #general, all of the last hour; return their first messages."""
    general, people = bot.workspace.state.channels[bot.general], add_members(bot.workspace, bot.general)
    roots = []
    for number in range(count):
        at = NOW - HOUR + number * timedelta(minutes=1)
        roots.append(bot.workspace.messages.add_past(general, people[0], NEUTRAL_TEXT, at))
        reply_at, thread_ts = at + timedelta(minutes=10), roots[-1].ts
        bot.workspace.messages.add_past(general, people[1], NEGATIVE_TEXT, reply_at, thread_ts=thread_ts)
    return roots


async def request_report(bot: RunningBot, words: str = "report", *, user: str | None = None) -> Message:
    """Request a report; return it once it is complete, from the direct message with the bot."""
    user = user or bot.ana
    dm = bot.workspace.state.dm(user).id
    before = len(bot.answers(user, dm))
    answer = await bot.run_command(words, user=user)
    assert "Only you see it" in text_in(answer), text_in(answer)

    def complete() -> Message | None:
        found = bot.answers(user, dm)[before:]
        return found[-1] if found and "Reading" not in found[-1].text else None

    found = await bot.workspace.until(complete)
    assert found is not None
    return found


def add_counts(
    bot: RunningBot, engine: Engine, at: datetime, labels: Sequence[str], people: int = 6, channel: str = "general"
) -> None:
    """Add a message for each of ``labels`` to the counts of a channel."""
    _add(bot, engine, [(at, labels)], people, channel)


def _add(
    bot: RunningBot,
    engine: Engine,
    added: Sequence[tuple[datetime, Sequence[str]]],
    people: int = 6,
    channel: str = "general",
) -> None:
    place = bot.workspace.team_id, bot.workspace.channel_id(channel)

    def insert(connection: Connection) -> None:
        for at, labels in added:
            for i, label in enumerate(labels):
                counts.add(connection, *place, f"U{i % people}", at, label, engine.model)

    with open_database(bot.settings.database_url.get_secret_value()) as database:
        database.run_sync(insert)


def digests(bot: RunningBot) -> list[Message]:
    """Return the digests in #general."""
    return [answer for answer in bot.answers(bot.chloe, bot.general) if "*How <#" in text_in(answer)]


async def run_schedulers(bot: RunningBot, engine: Engine, *times: datetime) -> None:
    """Run the scheduler of a process for each of ``times``, concurrently."""

    async def run_scheduler(at: datetime) -> None:
        async with other_scheduler(bot, engine, at.timestamp) as scheduler:
            await scheduler.tick()

    await asyncio.gather(*(run_scheduler(at) for at in times))


def add_usual_counts(bot: RunningBot, engine: Engine) -> None:
    """Add the counts of four weeks, in which one message in six is NEGATIVE."""
    added: list[tuple[datetime, Sequence[str]]] = []
    for back in range(28, 0, -1):
        added.append((NOW - back * DAY - 5 * HOUR, ["NEGATIVE", *["NEUTRAL"] * 5] * 5))
        # In the evening, which is not compared with the afternoon.
        added.append((NOW - back * DAY + 3 * HOUR, ["NEGATIVE"] * 30))
    _add(bot, engine, added)


def alerts(bot: RunningBot) -> list[Message]:
    """Return the alerts that Ana has received."""
    return [answer for answer in bot.answers(bot.ana, bot.dm) if "reads worse than usual" in answer.text]
