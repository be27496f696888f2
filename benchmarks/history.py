"""The duration of a report on 10,000 messages of history, compared with the time that Slack's rate limit requires.

The bot and the emulator run in one process. Slack allows fifty pages a minute.
"""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

from benchmarks.members import add_members
from benchmarks.results import keep, show
from benchmarks.texts import of_length
from bot import app
from bot.sentiment.engine.engine import Engine, count_cores
from bot.sentiment.models.loading import load
from bot.settings import FEATURES, Settings
from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.request import COMMAND
from bot.slack.timing import Timing
from bot.slack.transport.manifest import build_manifest
from bot.store.database import IN_MEMORY
from slack_emulator import Workspace, serve

MESSAGES = 10_000
PAGE = 999
SECONDS_A_PAGE = 60 / 50
NO_LIMITS = Timing(lambda: 1000 * time.monotonic(), lambda seconds: asyncio.sleep(seconds / 1000))


async def measure(engine: Engine) -> float:
    """Fill a channel, request a report, and return how many seconds it took."""
    workspace = Workspace(build_manifest(enabled(ALL_FEATURES, FEATURES)))
    async with serve(workspace) as server:
        settings = Settings(
            slack_bot_token=workspace.bot_token,
            slack_app_token=workspace.app_token,
            slack_api_url=server.api_url,
            features=frozenset(FEATURES),
            database_url=IN_MEMORY,
        )
        user, general, dm = workspace.user_id("ana"), workspace.channel_id("general"), workspace.dm_id("ana")
        fill(workspace, general)
        async with app.connected(settings, engine, NO_LIMITS):
            started = time.perf_counter()
            await workspace.command(user, general, COMMAND, "report 90d")
            await workspace.until(
                lambda: any(f"{MESSAGES:,} messages," in message.text for message in workspace.seen_by(user, dm)), 300
            )
            return time.perf_counter() - started


def fill(workspace: Workspace, channel: str) -> None:
    """Add messages of eight people in eighty days."""
    people, rng = add_members(workspace, channel, 8), random.Random(0)
    history, now = workspace.state.channels[channel], datetime.now(UTC)
    hours = sorted((rng.random() * 80 * 24 for _ in range(MESSAGES)), reverse=True)
    for text, hour in zip(of_length(20, MESSAGES, seed=0), hours, strict=True):
        workspace.messages.add_past(history, rng.choice(people), text, now - timedelta(hours=hour))


def main() -> None:
    """Run the benchmark."""
    engine = Engine(load(threads=count_cores()), cache_size=0)
    seconds = asyncio.run(measure(engine))
    engine.close()
    pages = -(-MESSAGES // PAGE)
    paging = pages * SECONDS_A_PAGE
    show(
        f"A report of {MESSAGES:,} messages of history, 20 tokens each",
        ("", "seconds", "relative to the rate limit"),
        [
            ("from the command to the report", f"{seconds:.1f}", f"{seconds / paging:.2f}"),
            (f"{pages} pages at Slack's rate limit", f"{paging:.1f}", "1"),
        ],
    )
    keep("history", {"seconds": seconds, "paging": paging})


if __name__ == "__main__":
    main()
