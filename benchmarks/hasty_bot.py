"""The bot, for which Slack's limits pass many times as fast: else nothing but Slack's patience would be measured.

With ``BEHIND`` in the environment the bot takes it to be so many seconds earlier, for an outage that takes no time.
"""

import asyncio
import logging
import os
import time

from bot import app
from bot.settings import Settings
from bot.slack.timing import Timing

SPEED = 1000.0


def clock(speed: float = SPEED) -> Timing:
    """Return a clock on which time passes ``speed`` times as fast."""
    return Timing(lambda: speed * time.monotonic(), lambda seconds: asyncio.sleep(seconds / speed))


async def main(speed: float = SPEED) -> None:
    """Serve over Socket Mode until the process is ended."""
    now, behind = time.time, float(os.environ.get("BEHIND", "0"))
    time.time = lambda: now() - behind
    settings = Settings.read()
    with app.open_engine(settings) as engine:
        async with app.connected(settings, engine, clock(speed)):
            await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    asyncio.run(main())
