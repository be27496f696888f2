"""The bot that the tests of routing run."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sentiment.engine.engine import Engine
from tests.support.bot_in_emulator import RunningBot, run_bot
from tests.support.watching import watch


@pytest.fixture
async def bot(engine: Engine, tmp_path: Path) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open; #general is watched."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        await watch(bot)
        yield bot
