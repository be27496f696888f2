"""Alerts about unusually negative days."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import ATTEMPTS
from bot.store import claims
from bot.store.channels import alerts as alerts_store
from slack_emulator import ApiFault
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.reports import (
    DAY,
    HOUR,
    NOW,
    add_counts,
    add_usual_counts,
    alerts,
    other_scheduler,
    run_schedulers,
    run_watching_bot,
)
from tests.support.unavailable_database import away_once


@pytest.fixture
async def bot(engine: Engine, tmp_path: Path) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open; it is ``NOW``, and #general is watched."""
    async with run_watching_bot(engine, f"sqlite:///{tmp_path}/bot.db") as bot:
        yield bot


async def test_alert(bot: RunningBot, engine: Engine) -> None:
    """Who requested it gets one alert about a day that is far worse than the four weeks before."""
    assert "at most once a day" in text_in(await bot.run_command("alert on"))
    add_usual_counts(bot, engine)
    add_counts(bot, engine, NOW - HOUR, [*["NEGATIVE"] * 20, *["NEUTRAL"] * 10])
    await run_schedulers(bot, engine, *[NOW] * 4)
    await run_schedulers(bot, engine, NOW + HOUR)
    (alert,) = alerts(bot)
    assert "67 %" in alert.text
    assert "17 %" in alert.text
    assert bot.answers(bot.ben, bot.workspace.dm_id("ben")) == []
    add_counts(bot, engine, NOW + DAY - 2 * HOUR, ["NEGATIVE"] * 30)
    await run_schedulers(bot, engine, NOW + DAY)
    assert len(alerts(bot)) == 2


@pytest.mark.parametrize(
    ("labels", "people"), [(["NEGATIVE", *["NEUTRAL"] * 5] * 5, 6), (["NEGATIVE"] * 30, 4), (["NEGATIVE"] * 19, 6)]
)
async def test_no_alert(bot: RunningBot, engine: Engine, labels: list[str], people: int) -> None:
    """There is no alert for a usual day, for four people, or for nineteen messages."""
    await bot.run_command("alert on")
    add_usual_counts(bot, engine)
    add_counts(bot, engine, NOW - HOUR, labels, people)
    await run_schedulers(bot, engine, NOW)
    assert alerts(bot) == []


async def test_alert_off(bot: RunningBot, engine: Engine) -> None:
    """Users who switched alerts off or left the channel get none."""
    await bot.run_command("alert on")
    await bot.run_command("alert on", user=bot.ben)
    assert "don't write" in text_in(await bot.run_command("alert off", user=bot.ben))
    add_usual_counts(bot, engine)
    add_counts(bot, engine, NOW - HOUR, ["NEGATIVE"] * 30)
    bot.workspace.state.channels[bot.general].members.remove(bot.ana)
    await run_schedulers(bot, engine, NOW)
    assert alerts(bot) == []
    assert bot.answers(bot.ben, bot.workspace.dm_id("ben")) == []


async def test_alert_while_slack_fails(bot: RunningBot, engine: Engine) -> None:
    """An alert that could not be sent is sent an hour later."""
    await bot.run_command("alert on")
    add_usual_counts(bot, engine)
    add_counts(bot, engine, NOW - HOUR, ["NEGATIVE"] * 30)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    await run_schedulers(bot, engine, NOW)
    assert alerts(bot) == []
    await run_schedulers(bot, engine, NOW + HOUR)
    assert len(alerts(bot)) == 1


@pytest.mark.parametrize(
    ("module", "function", "faults"),
    [
        (claims, "release", [ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS)]),
        (alerts_store, "mark_told", []),
    ],
)
async def test_alert_while_the_database_is_away(
    bot: RunningBot,
    engine: Engine,
    module: ModuleType,
    function: str,
    faults: Sequence[ApiFault],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An alert is sent once, even if the database goes away after it was claimed."""
    await bot.run_command("alert on")
    add_usual_counts(bot, engine)
    add_counts(bot, engine, NOW - HOUR, ["NEGATIVE"] * 30)
    for fault in faults:
        bot.workspace.faults.add(fault)
    async with other_scheduler(bot, engine, NOW.timestamp) as scheduler:
        monkeypatch.setattr(module, function, away_once(getattr(module, function)))
        await scheduler.tick()
        await scheduler.tick()
    assert len(alerts(bot)) == 1
