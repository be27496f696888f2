"""The bot while it classifies 10,000 messages for a report, again and again."""

import asyncio

from benchmarks.texts import as_in_chat
from bot import app
from bot.cli.engine import open_engine
from bot.settings import Settings

MESSAGES = 10_000


async def main() -> None:
    """Serve over Socket Mode until the process is terminated."""
    settings = Settings.read()
    texts = as_in_chat(MESSAGES)
    with open_engine(settings) as engine:
        async with app.connected(settings, engine):
            while True:
                await engine.classify_in_background(texts)


if __name__ == "__main__":
    asyncio.run(main())
