"""An app that is distributed commercially outside Slack's Marketplace, which may read 15 messages a minute."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.members import add_members
from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.parsing.request import COMMAND
from bot.slack.recovery.catch_up import REDUCED_PAGES
from bot.store.database import IN_MEMORY
from slack_emulator import ApiFault, HistoryLimit, Message, Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, FAST_TIMING, RunningBot, bot_settings, text_in
from tests.support.manifests import manifest
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NEUTRAL_TEXT, NOW, POSITIVE_TEXT, add_threads, set_clock
from tests.support.routing import open_window
from tests.support.watching import watch

pytestmark = pytest.mark.slow


def commercial(workspace: Workspace, api_url: str, database_url: str = IN_MEMORY) -> Settings:
    """Return the settings of such an app, in a workspace where Slack's limit is enforced."""
    workspace.history_limit = HistoryLimit(clock=FAST_TIMING.monotonic)
    return bot_settings(workspace, api_url, database_url).model_copy(update={"distribution": "commercial"})


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot of such an app, in a workspace where it is ``NOW``."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        settings = commercial(workspace, server.api_url)
        async with app.connected(settings, engine, FAST_TIMING):
            running = RunningBot(workspace, settings)
            set_clock(running, NOW)
            yield running


def add_history(bot: RunningBot, count: int, *, minutes: float) -> None:
    """Add messages of six people to #general, one every so many minutes, up to now."""
    people = add_members(bot.workspace, bot.general)
    for number in range(count, 0, -1):
        text = (POSITIVE_TEXT, NEGATIVE_TEXT, NEUTRAL_TEXT)[number % 3]
        at = NOW - number * minutes * HOUR / 60
        bot.workspace.messages.add_past(bot.workspace.state.channels[bot.general], people[number % 6], text, at)


async def report(bot: RunningBot, words: str = "report") -> Message:
    """Request a report as Ana; return the message in her direct messages once it does not change any more."""
    before = len(bot.answers(bot.ana, bot.dm))
    assert "Only you see it" in text_in(await bot.run_command(words))

    def complete() -> Message | None:
        found = bot.answers(bot.ana, bot.dm)[before:]
        return found[-1] if found and not found[-1].text.endswith("…") else None

    found = await bot.workspace.until(complete, timeout=60)
    assert found is not None
    return found


def history_calls(bot: RunningBot) -> int:
    """Return how many pages of messages Slack has returned."""
    return sum(
        1 for call in bot.workspace.log if call.name == "conversations.history" and call.answer and call.answer["ok"]
    )


async def test_short_history(bot: RunningBot) -> None:
    """A history of a few pages is read, and the message says what happens in how many minutes."""
    add_history(bot, 90, minutes=4 * 60)
    sent = await report(bot)
    assert "39 messages" in text_in(sent)
    assert "points" in text_in(sent)  # compared with the window before
    started = [str(call.sent) for call in bot.workspace.log if call.name == "chat.postMessage"]
    assert any("15 messages a minute" in text and "If not, I say here" in text for text in started)
    assert history_calls(bot) == 6


async def test_replies_are_left_out(bot: RunningBot) -> None:
    """Threads are not read, and the report says how many replies it leaves out."""
    add_history(bot, 10, minutes=60)
    add_threads(bot, 2)
    text = text_in(await report(bot))
    assert "12 messages" in text
    assert "From Slack's history, without replies in threads (up to 2 replies), because Slack limits how fast" in text
    assert "conversations.replies" not in [call.name for call in bot.workspace.log]


async def test_long_history(bot: RunningBot) -> None:
    """A history that would take hours is not read: the person learns how long it would take, and what to do."""
    add_history(bot, 9_900, minutes=2)
    sent = await report(bot)
    assert sent.text == (
        f"Reading the history of <#{bot.general}> would take about 11 hours, because Slack limits how fast this app "
        f"reads messages, so I don't do it. Turn on counting with `{COMMAND} watch` in the channel, and ask again in "
        "some days."
    )
    assert history_calls(bot) == 2
    assert "Reading" in (await report(bot, "report 24h")).text  # the next request is not refused as a second one


async def test_burst(bot: RunningBot) -> None:
    """A short history that ends in a burst of messages is read."""
    add_history(bot, 30, minutes=10 * 60)
    add_history(bot, 20, minutes=0.5)
    assert "35 messages" in text_in(await report(bot))


async def test_history_that_turns_out_to_be_long(bot: RunningBot) -> None:
    """If a history turns out to be long while it is read, the reading ends."""
    people = add_members(bot.workspace, bot.general)
    for start, count, minutes in ((9.0, 2_000, 1.0), (7.0, 140, 65.0)):
        for number in range(count):
            at = NOW - start * DAY + number * minutes * HOUR / 60
            bot.workspace.messages.add_past(
                bot.workspace.state.channels[bot.general], people[number % 6], NEUTRAL_TEXT, at
            )
    assert "would take about" in (await report(bot)).text
    assert history_calls(bot) < 20


@pytest.mark.parametrize(("window", "since"), [("7d", "22 November"), ("90d", "22 November")])
async def test_counts_instead_of_history(bot: RunningBot, window: str, since: str) -> None:
    """The report of a watched channel is what was counted, and says since when; no history is read."""
    await count_since(bot, days=2)
    sent = await report(bot, f"report {window}")
    assert f"what I have counted since {since}" in text_in(sent)
    assert "12 messages" in text_in(sent)
    assert "2026-11-22 to 2026-11-24" in text_in(sent)  # the heading names no day that was not counted
    assert history_calls(bot) == 0


async def test_last_day_of_a_watched_channel(bot: RunningBot) -> None:
    """For 24h there are the counts of yesterday and today, since people are counted by day."""
    await count_since(bot, days=20)
    sent = await report(bot, "report 24h")
    assert "These are yesterday and today" in text_in(sent)
    assert "counted since" not in text_in(sent)
    assert "2026-11-23 to 2026-11-24" in text_in(sent)
    assert history_calls(bot) == 0


async def count_since(bot: RunningBot, *, days: int) -> None:
    """Watch #general since some days ago; six people wrote then, and today."""
    people = add_members(bot.workspace, bot.general)
    set_clock(bot, NOW - days * DAY)
    await watch(bot)
    for back in (days, 0):
        set_clock(bot, NOW - back * DAY)
        for user in people:
            await bot.workspace.post(user, bot.general, NEGATIVE_TEXT)
    await bot.wait_until_processed()


async def test_two_histories(bot: RunningBot) -> None:
    """While one history is read, another one in the same workspace is not begun."""
    add_history(bot, 100, minutes=3 * 60)
    await bot.run_command("report")
    answer = await bot.run_command(f"report <#{bot.workspace.channel_id('random')}>", user=bot.ben)
    assert "already reading the history of a channel" in text_in(answer)


async def test_two_histories_at_once(bot: RunningBot) -> None:
    """Of two requests at the same moment, one is told to wait."""
    add_history(bot, 100, minutes=3 * 60)
    answers = await asyncio.gather(
        bot.run_command("report"), bot.run_command(f"report <#{bot.workspace.channel_id('random')}>", user=bot.ben)
    )
    assert sum("already reading the history of a channel" in text_in(answer) for answer in answers) == 1


def pages_by_channel(workspace: Workspace) -> Counter[str]:
    """Return how many pages of messages Slack has returned of each conversation."""
    calls = [call for call in workspace.log if call.name in ("conversations.history", "conversations.replies")]
    return Counter(str(call.sent["channel"]) for call in calls if call.answer and call.answer["ok"])


def looked_up(workspace: Workspace) -> bool:
    """Return whether Slack has returned the messages in which the bot looks for an answer of its own."""
    return any("include_all_metadata" in call.sent for call in workspace.log if call.answer and call.answer["ok"])


async def test_catch_up(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Catch-up reads the newest pages of the conversations that were used last, and the log says what it left out."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    ana, general, random = workspace.user_id("ana"), workspace.channel_id("general"), workspace.channel_id("random")
    for number in range(40):  # channels in which nobody has ever used the bot
        workspace.members.add_channel(f"quiet-{number}", [ana, workspace.bot_user_id], "", NOW)
    for channel in (general, random):  # Slack lists them last
        workspace.state.channels[channel] = workspace.state.channels.pop(channel)
    async with serve(workspace) as server:
        settings = commercial(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db")
        bot = RunningBot(workspace, settings)
        async with app.connected(settings, engine, FAST_TIMING):
            for channel in (random, general):
                used = await workspace.post(ana, channel, f"{bot.mention} I love this")
                await workspace.until(lambda place=channel, ts=used: workspace.replies(place, ts))  # type: ignore[misc]
        old = await workspace.post(ana, general, f"{bot.mention} the first that was missed is awful")
        for number in range(REDUCED_PAGES * 15):
            await workspace.post(ana, general, f"message {number}")
        missed = [await workspace.post(ana, place, f"{bot.mention} I hate this") for place in (general, random)]
        workspace.log.clear()
        read, handled = await app.caught_up(settings, engine, 24, FAST_TIMING)
    assert all(workspace.replies(place, ts) for place, ts in zip((general, random), missed, strict=True))
    assert not workspace.replies(general, old)
    assert handled == 2
    pages = pages_by_channel(workspace)
    assert (pages[general], pages[random]) == (5, 1)
    assert sum(pages.values()) == REDUCED_PAGES
    assert read < 6 * 15
    assert re.search(r"older messages of 1 conversations and all of \d+ \(team=T", caplog.text)


async def test_short_absence(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a short absence in few conversations, everything is answered, threads too, and nothing is left out."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    ana, general, dm = workspace.user_id("ana"), workspace.channel_id("general"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        settings = commercial(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db")
        parent = await workspace.post(ana, general, "What do you think?")
        await workspace.post(ana, general, f"<@{workspace.bot_user_id}> I hate this", thread_ts=parent)
        for number in range(20):
            await workspace.post(ana, dm, f"I love this {number}")
        await app.caught_up(settings, engine, 24, FAST_TIMING)
    assert [one.user for one in workspace.replies(general, parent)] == [ana, workspace.bot_user_id]
    assert len([one for one in workspace.seen_by(ana, dm) if one.user == workspace.bot_user_id]) == 20
    assert "left out" not in caplog.text


async def test_answers_come_first(engine: Engine, tmp_path: Path) -> None:
    """While catch-ups read, a live answer whose posting Slack does not confirm is looked up next, and posted once."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    ana = workspace.user_id("ana")
    for number in range(2 * REDUCED_PAGES):
        name = f"busy-{number}"
        workspace.members.add_channel(name, [ana, workspace.bot_user_id], "", NOW)
        await workspace.post(ana, workspace.channel_id(name), "hello")
    async with serve(workspace) as server:
        settings = commercial(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db")
        async with app.connected(settings, engine, FAST_TIMING) as running:
            bot = RunningBot(workspace, settings)
            slack = await anext(aiter(running.services.workspaces.all()))
            catch_ups = [asyncio.create_task(running.catch_up.run(slack, 0, 0)) for _ in range(5)]
            await workspace.until(lambda: pages_by_channel(workspace).total() >= 2)
            workspace.faults.add(ApiFault("chat.postMessage", status=500, applied=True))
            await workspace.post(ana, bot.dm, "I love this")
            await workspace.until(lambda: not workspace.faults.api)
            before = pages_by_channel(workspace).total()
            await workspace.until(lambda: looked_up(workspace))
            assert pages_by_channel(workspace).total() - before <= 2  # one was perhaps being read
            for catch_up in catch_ups:
                assert not catch_up.done()
                catch_up.cancel()
            await bot.assert_answer_count(1, ana, bot.dm)


@pytest.mark.parametrize("applied", [True, False])
async def test_lookup_of_an_answer(bot: RunningBot, applied: bool) -> None:
    """Whether a shared report was posted is looked up in a few pages of a busy channel; it is posted once."""
    await count_since(bot, days=2)
    sent = await report(bot)
    for number in range(100):
        await bot.workspace.post(bot.ana, bot.general, f"message {number}")
    before = len(bot.answers(bot.ben, bot.general))
    bot.workspace.faults.add(ApiFault("chat.postMessage", status=500, applied=applied))
    await bot.workspace.press(bot.ana, sent, "share_report")
    await bot.workspace.until(lambda: any("in the channel" in one.text for one in bot.answers(bot.ana, bot.dm)), 60)
    await bot.assert_answer_count(before + 1, bot.ben, bot.general)
    assert pages_by_channel(bot.workspace)[bot.general] == (1 if applied else 3)


async def test_no_rules_about_threads(bot: RunningBot) -> None:
    """A rule about threads, which are not read for rules here, is not offered."""
    await watch(bot)
    offered = await open_window(bot)
    assert "A day reads far worse than usual" in offered
    assert "A thread turns negative" not in offered
