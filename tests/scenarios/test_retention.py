"""Deletion of old data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sentiment.engine.engine import Engine
from bot.store import feedback
from bot.store.database import open_database
from bot.store.feedback import FeedbackCount
from tests.support.bot_in_emulator import run_bot
from tests.support.processes import poll

pytestmark = pytest.mark.slow


async def test_old_feedback(engine: Engine, tmp_path: Path) -> None:
    """At the start of the bot, feedback older than KEEP_DAYS is deleted."""
    url, today = f"sqlite:///{tmp_path}/bot.db", datetime.now(UTC).date()
    with open_database(url) as database:
        for name, age in (("old", 402), ("young", 398)):
            database.run_sync(
                feedback.add, "T1", today - timedelta(days=age), FeedbackCount("m", "POSITIVE", "POSITIVE", name)
            )

    def stored() -> set[str]:
        with open_database(url) as database:
            return {total.language for total in database.run_sync(feedback.totals)}

    async with run_bot(engine, database_url=url):
        await poll(lambda: stored() == {"young"})
