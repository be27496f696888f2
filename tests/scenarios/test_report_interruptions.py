"""`/sentiment report` while Slack fails, the bot restarts or people leave."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.members import add_members
from bot.sentiment.engine.engine import Engine
from bot.slack.features.reports.history import HOLD_SECONDS
from slack_emulator import ApiFault
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.reports import (
    HOUR,
    NEGATIVE_TEXT,
    NEUTRAL_TEXT,
    NOW,
    POSITIVE_TEXT,
    add_history,
    add_threads,
    other_scheduler,
    request_report,
    set_clock,
)

pytestmark = pytest.mark.slow


@pytest.fixture
async def bot(bot: RunningBot) -> RunningBot:
    """Run the bot in a workspace where it is ``NOW``."""
    set_clock(bot, NOW)
    return bot


def calls(bot: RunningBot, method: str) -> int:
    """Return how many calls of a method Slack has answered, without those of catch-up, whose pages are smaller."""
    return len([call for call in bot.workspace.log if call.name == method and str(call.sent.get("limit")) == "999"])


async def test_restart(engine: Engine, tmp_path: Path) -> None:
    """The next process continues an interrupted report where it stopped, in the same message."""
    url = f"sqlite:///{tmp_path}/bot.db"
    timing = replace(FAST_TIMING, request=600.0)  # so that the page that hangs is not requested again
    async with run_bot(engine, database_url=url, timing=timing) as bot:
        set_clock(bot, NOW)
        people, general = add_members(bot.workspace, bot.general), bot.workspace.state.channels[bot.general]
        for i in range(2500):
            text = "…" if i % 25 else (POSITIVE_TEXT, NEGATIVE_TEXT, NEUTRAL_TEXT)[i % 3]
            bot.workspace.messages.add_past(general, people[i % 6], text, NOW - (2500 - i) * HOUR / 20)
        bot.workspace.faults.add(ApiFault("conversations.history"))  # the first page arrives
        bot.workspace.faults.add(ApiFault("conversations.history", times=None, wait=600))  # the next one does not
        await bot.run_command("report")
        await bot.workspace.until(lambda: "999 messages so far" in bot.answers(bot.ana, bot.dm)[-1].text)
        first = bot.answers(bot.ana, bot.dm)[-1]
        bot.workspace.faults.clear()
        async with other_scheduler(bot, engine, lambda: time.time() + 2 * HOLD_SECONDS) as scheduler:
            await scheduler.tick()
            await bot.workspace.until(lambda: "Reading" not in bot.answers(bot.ana, bot.dm)[-1].text)
        sent = bot.answers(bot.ana, bot.dm)[-1]
        assert sent.ts == first.ts
        assert "100 messages" in text_in(sent)
        assert "I was restarted while reading" in text_in(sent)
        assert calls(bot, "conversations.history") == 3  # the unanswered one is not in the log


async def test_retry(engine: Engine, tmp_path: Path) -> None:
    """A report is retried after Slack failed; if the bot is not a member any more, the user is told."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        set_clock(bot, NOW)
        add_history(bot)
        bot.workspace.faults.add(ApiFault("conversations.history", error="internal_error"))
        await bot.run_command("report")
        await bot.workspace.until(lambda: any("internal_error" in str(call) for call in bot.workspace.log))
        async with other_scheduler(bot, engine, lambda: time.time() + 2 * HOLD_SECONDS) as scheduler:
            await scheduler.tick()
            await bot.workspace.until(lambda: "42 messages" in text_in(bot.answers(bot.ana, bot.dm)[-1]))
        bot.workspace.faults.add(ApiFault("conversations.history", error="not_in_channel"))
        await bot.run_command("report 30d", user=bot.ben)
        dm = bot.workspace.dm_id("ben")
        await bot.workspace.until(lambda: "could not read" in bot.answers(bot.ben, dm)[-1].text)


async def test_throttled(bot: RunningBot) -> None:
    """A report is finished although Slack throttles the history."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", status=429, retry_after=1))
    assert "42 messages" in text_in(await request_report(bot))


async def test_user_leaves_the_channel(bot: RunningBot) -> None:
    """A user who leaves the channel while its history is read does not get the report."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=0.5))
    await bot.run_command("report")
    bot.workspace.state.channels[bot.general].members.remove(bot.ana)
    await bot.workspace.until(lambda: "could not read" in bot.answers(bot.ana, bot.dm)[-1].text)


async def test_requested_twice(bot: RunningBot) -> None:
    """While a report is being made, a second request, also for another window, gets one sentence, and no report."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=1))
    await bot.run_command("report")
    assert "still working" in text_in(await bot.run_command("report 24h"))
    await bot.assert_answer_count(1, bot.ana, bot.dm)
    await bot.workspace.until(lambda: "42 messages" in text_in(bot.answers(bot.ana, bot.dm)[0]))


async def test_restart_between_threads(engine: Engine, tmp_path: Path) -> None:
    """A reply is counted once if the bot is restarted while it reads the threads, and the channel is not read again."""
    timing = replace(FAST_TIMING, request=600.0)
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db", timing=timing) as bot:
        set_clock(bot, NOW)
        add_history(bot, days=1)
        add_threads(bot, 8)
        # Five threads are read, and then one of the other three.
        bot.workspace.faults.add(ApiFault("conversations.replies", times=6))
        bot.workspace.faults.add(ApiFault("conversations.replies", times=None, wait=600))
        await bot.run_command("report")
        await bot.workspace.until(lambda: calls(bot, "conversations.replies") == 6)
        await bot.workspace.until(lambda: "3 threads to go" in bot.answers(bot.ana, bot.dm)[-1].text)
        bot.workspace.faults.clear()
        async with other_scheduler(bot, engine, lambda: time.time() + 2 * HOLD_SECONDS) as scheduler:
            await scheduler.tick()
            await bot.workspace.until(lambda: "Reading" not in bot.answers(bot.ana, bot.dm)[-1].text)
        assert "28 messages" in text_in(bot.answers(bot.ana, bot.dm)[-1])
        assert (calls(bot, "conversations.history"), calls(bot, "conversations.replies")) == (1, 6 + 3)
