"""How long a report of 10,000 messages of history takes, against what Slack's own paging allows.

The bot and the stand-in share a process and the cores. Slack lets an app ask for fifty pages a minute.
"""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

from benchmarks.results import keep, show
from benchmarks.texts import of_length
from bot.sentiment.engine.engine import Engine
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare
from bot.slack.parsing.request import COMMAND
from tests.support.crowd import crowd, wrote
from tests.support.stage import Stage, staged

MESSAGES = 10_000
PAGE = 999
SECONDS_A_PAGE = 60 / 50


async def measure(engine: Engine) -> float:
    """Fill a channel, ask for a report, and return how many seconds it took until it was there."""
    async with staged(engine) as stage:
        fill(stage)
        started = time.perf_counter()
        await stage.workspace.command(stage.ana, stage.general, COMMAND, "report 90d")

        def made() -> bool:
            found = stage.answers(stage.ana, stage.dm)
            return bool(found) and f"{MESSAGES:,} messages," in found[-1].text

        await stage.workspace.until(made, timeout=300)
        return time.perf_counter() - started


def fill(stage: Stage) -> None:
    """Let eight people write for eighty days."""
    people, rng = crowd(stage, stage.general, 8), random.Random(0)
    now = datetime.now(UTC)
    hours = sorted((rng.random() * 80 * 24 for _ in range(MESSAGES)), reverse=True)
    for text, hour in zip(of_length(20, MESSAGES, seed=0), hours, strict=True):
        wrote(stage, stage.general, rng.choice(people), text, now - timedelta(hours=hour))


def main() -> None:
    """Measure and report."""
    classifier = load()
    prepare(classifier, "auto", "cpu")
    engine = Engine(classifier, cache_size=0)
    seconds = asyncio.run(measure(engine))
    engine.close()
    pages = -(-MESSAGES // PAGE)
    paging = pages * SECONDS_A_PAGE
    show(
        f"A report of {MESSAGES:,} messages of history, 20 tokens each",
        ("", "seconds", "of what paging allows"),
        [
            ("from the command to the report", f"{seconds:.1f}", f"{seconds / paging:.2f}"),
            (f"{pages} pages at Slack's pace", f"{paging:.1f}", "1"),
        ],
    )
    keep("history", {"seconds": seconds, "paging": paging})


if __name__ == "__main__":
    main()
