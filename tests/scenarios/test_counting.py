"""What is counted in watched channels, and shown in App Home."""

import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from benchmarks.members import add_members
from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.parsing.request import COMMAND
from bot.store.channels import counts
from bot.store.database import open_database
from slack_emulator import EventFault
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot
from tests.support.reports import DAY, NEGATIVE_TEXT, NOW, POSITIVE_TEXT, add_counts, run_watching_bot


@pytest.fixture
async def bot(engine: Engine, tmp_path: Path) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open; it is ``NOW``, and #general is watched."""
    async with run_watching_bot(engine, f"sqlite:///{tmp_path}/bot.db") as bot:
        yield bot


def stored_counts(bot: RunningBot) -> tuple[Sequence[counts.Hour], Sequence[counts.Day]]:
    """Return the counts of #general around ``NOW``."""
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        place = bot.workspace.team_id, bot.general, "embedded"
        return database.run_sync(counts.read, *place, NOW - DAY, NOW + DAY)


async def test_counting(bot: RunningBot) -> None:
    """Repeated events and edits are counted once; opted-out users and other languages than the model's are not."""
    people = add_members(bot.workspace, bot.general)
    dm = bot.workspace.dm_id("ben")
    await bot.workspace.command(bot.ben, dm, COMMAND, "optout")
    await bot.wait_for_answer(bot.ben, dm)
    bot.workspace.faults.add(EventFault("message", copies=2, times=2))
    edited = await bot.workspace.post(people[0], bot.general, POSITIVE_TEXT)
    await bot.workspace.post(people[1], bot.general, NEGATIVE_TEXT)
    await bot.workspace.edit(people[0], bot.general, edited, NEGATIVE_TEXT)
    await bot.workspace.post(bot.ben, bot.general, NEGATIVE_TEXT)
    await bot.workspace.post(people[2], bot.general, "การนำเสนอนั้นน่าเบื่อและยาวมาก ไม่อยากฟังอีกแล้ว")
    await bot.workspace.post(people[3], bot.general, "a reply, in a thread", thread_ts=edited)
    await bot.wait_until_processed()
    hours, days = stored_counts(bot)
    assert sum(hour.count for hour in hours) == 3
    assert [day.people for day in days] == [3]


async def test_replies(bot: RunningBot, engine: Engine) -> None:
    """A reply counts as a message, once if it is sent to the channel, too; also if it was missed while offline."""
    workspace, people = bot.workspace, add_members(bot.workspace, bot.general)
    parent = await workspace.post(people[0], bot.general, POSITIVE_TEXT)
    await workspace.post(people[1], bot.general, NEGATIVE_TEXT, thread_ts=parent)
    await workspace.post(people[2], bot.general, NEGATIVE_TEXT, thread_ts=parent, subtype="thread_broadcast")
    await bot.wait_until_processed()
    assert sum(hour.count for hour in stored_counts(bot)[0]) == 3
    workspace.faults.add(EventFault(lost=True, times=None))
    await workspace.post(people[3], bot.general, NEGATIVE_TEXT, thread_ts=parent)
    await workspace.post(people[4], bot.general, NEGATIVE_TEXT, thread_ts=parent, subtype="thread_broadcast")
    workspace.faults.events.clear()
    hours = (time.time() - (NOW - DAY).timestamp()) / 3600
    await app.caught_up(bot.settings, engine, hours, FAST_TIMING)
    assert sum(hour.count for hour in stored_counts(bot)[0]) == 5


async def test_app_home(bot: RunningBot, engine: Engine) -> None:
    """App Home shows the last seven days of the watched channels that the user is a member of."""
    for back in range(7):
        add_counts(bot, engine, NOW - back * DAY, ["NEGATIVE", "POSITIVE", "NEUTRAL"] * 4)
    await bot.workspace.open_home(bot.ana)
    await bot.workspace.until(lambda: "'text': '84'" in str(bot.workspace.home(bot.ana)))
    home = bot.workspace.home(bot.ana)
    assert home is not None
    (table,) = [block for block in home.blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][0]][1:3] == ["Messages", "Negative"]
    assert [cell["text"] for cell in table["rows"][1][1:3]] == ["84", "33 %"]
