"""Helpers for tests of routing rules."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.sentiment.engine.engine import Engine
from bot.slack.analyzer import Analyzer
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.routing.dispatcher import Dispatcher
from bot.slack.features.routing.router import Router
from bot.slack.recovery.claim_manager import ClaimManager
from bot.store import processes
from bot.store.channels.routes import Route
from bot.store.database import open_database
from slack_emulator import Message
from slack_emulator.payloads.interactions import Outcome
from tests.support.bot_in_emulator import RunningBot
from tests.support.modals import current_modal, view_text, wait_for_modal
from tests.support.reports import other_client

TEXTS = ("I hate this so much, it is awful", "This is awful and I hate it", "What a terrible, awful day, I hate it")
"""Texts that read very negative."""

HOUR = 3600.0

RULE = Route(
    team="T1",
    channel="C1",
    id="1",
    asked_by="U1",
    asked_at=0.0,
    condition="message",
    least_confidence=0.9,
    target_kind="channel",
    target="C2",
    host="",
    quiet_from="",
    quiet_until="",
    zone="UTC",
)
"""A rule that is not in force yet, for tests to change."""


async def open_window(bot: RunningBot, user: str = "", channel: str = "") -> str:
    """Use `/sentiment route`; return the text of the window."""
    user = user or bot.ana
    await bot.workspace.command(user, channel or bot.general, "/sentiment", "route")
    return view_text(await wait_for_modal(bot, user, "members of it"))


async def submit_rule(bot: RunningBot, **entered: object) -> Outcome:
    """Set up a rule for #general as Ana; return what the bot answers to the window."""
    await open_window(bot)
    return await bot.workspace.submit(bot.ana, entered)


async def add_rule(bot: RunningBot, **entered: object) -> Message:
    """Set up a rule for #general as Ana, by default to #random; return what #general is told."""
    told = len(bot.answers(bot.chloe, bot.general))
    targets = {} if entered.keys() & {"user", "webhook"} else {"channel": bot.workspace.channel_id("random")}
    outcome = await submit_rule(bot, **targets | entered)
    assert "Saved" in view_text(current_modal(bot, bot.ana)), outcome
    await bot.workspace.dismiss(bot.ana)
    announcement = await bot.wait_for_answer(bot.chloe, bot.general, told + 1)
    await bot.wait_until_processed()  # the rule is in force then
    return announcement


async def post(bot: RunningBot, text: str = TEXTS[0], *, user: str = "", thread: str | None = None) -> str:
    """Post in #general, by default as Ben; return the timestamp once the bot has handled the message."""
    ts = await bot.workspace.post(user or bot.ben, bot.general, text, thread_ts=thread)
    await bot.wait_until_processed()
    return ts


def routed(bot: RunningBot) -> list[Message]:
    """Return what was routed to #random."""
    return bot.answers(bot.ana, bot.workspace.channel_id("random"))


async def wait_until_routed(bot: RunningBot, count: int = 1) -> Message:
    """Wait until so many messages were routed to #random; return the last."""
    return await bot.wait_for_answer(bot.ana, bot.workspace.channel_id("random"), count)


def linked(message: Message) -> list[str]:
    """Return the timestamps of the messages that a routed message links to."""
    found = str(message.blocks).split("/archives/")[1:]
    ids = [part.split("/p")[1][:16] for part in found]
    return [f"{one[:-6]}.{one[-6:]}" for one in ids]


@asynccontextmanager
async def other_dispatcher(bot: RunningBot, engine: Engine, clock: Callable[[], float]) -> AsyncIterator[Dispatcher]:
    """Yield the dispatcher of another process of the bot, which uses the same database and its own ``clock``."""
    slack = other_client(bot)
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        claims = ClaimManager(database)
        await database.run(processes.heartbeat, claims.process, time.time())

        async def get_workspace(_team: str) -> SlackClient:
            return slack

        router = Router(Analyzer(engine, database, 0.6), database, clock)
        yield Dispatcher(router, claims, database, get_workspace, clock)


async def dispatch_later(bot: RunningBot, engine: Engine, seconds: float = HOUR) -> None:
    """Let another process send what is due after so many seconds."""
    at = time.time() + seconds
    async with other_dispatcher(bot, engine, lambda: at) as dispatcher:
        await dispatcher.tick()
