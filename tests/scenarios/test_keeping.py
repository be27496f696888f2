"""What the bot keeps goes by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sentiment.engine import Engine
from bot.store import feedback
from bot.store.database import opened
from bot.store.feedback import Tally
from tests.many import eventually
from tests.stage import staged


async def test_old_feedback_goes(engine: Engine, tmp_path: Path) -> None:
    """When the bot starts, feedback older than KEEP_DAYS goes, and younger stays."""
    url, today = f"sqlite:///{tmp_path}/bot.db", datetime.now(UTC).date()
    with opened(url) as database:
        for name, age in (("old", 402), ("young", 398)):
            database.do_now(feedback.add, "T1", today - timedelta(days=age), Tally("m", "POSITIVE", "POSITIVE", name))

    def kept() -> set[str]:
        with opened(url) as database:
            return {tally.language for tally in database.do_now(feedback.tallies)}

    async with staged(engine, database_url=url):
        await eventually(lambda: kept() == {"young"})
