"""The bot that the tests of threads run."""

from collections.abc import AsyncIterator

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.features.threads import answers
from tests.support.bot_in_emulator import RunningBot, run_bot


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show no progress, however slow the machine is."""
    monkeypatch.setattr(answers, "PROGRESS_SECONDS", 60.0)


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with answers about threads and the agent view."""
    async with run_bot(engine, ("agent", "threads")) as bot:
        yield bot
