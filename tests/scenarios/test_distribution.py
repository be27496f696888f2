"""An app that is distributed commercially outside Slack's Marketplace, which may read 15 messages a minute."""

from collections.abc import AsyncIterator

import pytest

from benchmarks.past_messages import add_members, add_past_message
from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES
from bot.slack.parsing.request import COMMAND
from slack_emulator import HistoryLimit, Message, Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, FAST_TIMING, RunningBot, bot_settings, text_in
from tests.support.manifests import manifest
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NEUTRAL_TEXT, NOW, POSITIVE_TEXT, set_clock
from tests.support.watching import watch


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot of such an app, in a workspace where it is ``NOW`` and where Slack's limit is enforced."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    workspace.history_limit = HistoryLimit(clock=FAST_TIMING.monotonic)
    async with serve(workspace) as server:
        settings = bot_settings(workspace, server.api_url).model_copy(update={"distribution": "commercial"})
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
        add_past_message(bot.workspace, bot.general, people[number % 6], text, at)


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
    return sum(1 for call in bot.workspace.log if call.name == "conversations.history" and "messages" in str(call))


async def test_short_history(bot: RunningBot) -> None:
    """A history of a few pages is read, and the message says that it takes some minutes."""
    add_history(bot, 90, minutes=4 * 60)
    sent = await report(bot)
    assert "39 messages" in text_in(sent)
    assert "points" in text_in(sent)  # compared with the window before
    started = [str(call) for call in bot.workspace.log if call.name == "chat.postMessage"]
    assert any("15 messages a minute" in text for text in started)
    assert history_calls(bot) == 6


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
            add_past_message(bot.workspace, bot.general, people[number % 6], NEUTRAL_TEXT, at)
    assert "would take about" in (await report(bot)).text
    assert history_calls(bot) < 20


@pytest.mark.parametrize(("window", "since"), [("7d", "22 November"), ("90d", "22 November")])
async def test_counts_instead_of_history(bot: RunningBot, window: str, since: str) -> None:
    """The report of a watched channel is what was counted, and says since when; no history is read."""
    await count_since(bot, days=2)
    sent = await report(bot, f"report {window}")
    assert f"what I have counted since {since}" in text_in(sent)
    assert "12 messages" in text_in(sent)
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
