"""The bot with rate limits and pauses that pass many times as fast, since they would dominate every measurement.

With the environment variable ``BEHIND`` its clock is so many seconds slow, which simulates an outage.
"""

import asyncio
import logging
import os
import time

from bot import app
from bot.cli.engine import open_engine
from bot.settings import Settings
from bot.slack.features.routing import rules
from bot.slack.features.routing.dispatcher import Dispatcher
from bot.slack.timing import Timing

SPEED = 1000.0


def fast_timing(speed: float = SPEED) -> Timing:
    """Return a timing in which limits and pauses pass ``speed`` times as fast."""
    return Timing(lambda: speed * time.monotonic(), lambda seconds: asyncio.sleep(seconds / speed))


async def main(speed: float = SPEED) -> None:
    """Serve over Socket Mode until the process is terminated."""
    now, behind = time.time, float(os.environ.get("BEHIND", "0"))
    time.time = lambda: now() - behind
    rules.SECONDS_BETWEEN /= speed
    Dispatcher.INTERVAL = 1.0
    settings = Settings.read()
    with open_engine(settings) as engine:
        async with app.connected(settings, engine, fast_timing(speed)):
            await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    asyncio.run(main())
