"""What the bot keeps goes by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sentiment.engine.engine import Engine
from bot.store import feedback
from bot.store.database import open_database
from bot.store.feedback import FeedbackCount
from tests.support.stage import staged
from tests.support.two_workspaces import eventually


async def test_old_feedback_goes(engine: Engine, tmp_path: Path) -> None:
    """When the bot starts, feedback older than KEEP_DAYS goes, and younger stays."""
    url, today = f"sqlite:///{tmp_path}/bot.db", datetime.now(UTC).date()
    with open_database(url) as database:
        for name, age in (("old", 402), ("young", 398)):
            database.run_sync(
                feedback.add, "T1", today - timedelta(days=age), FeedbackCount("m", "POSITIVE", "POSITIVE", name)
            )

    def kept() -> set[str]:
        with open_database(url) as database:
            return {tally.language for tally in database.run_sync(feedback.totals)}

    async with staged(engine, database_url=url):
        await eventually(lambda: kept() == {"young"})
