"""Reports in the agent view, and the button that stops them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.blocks import note
from bot.slack.client.slack_client import MessageRef
from bot.slack.features.agent.intents import Intent
from bot.store.channels import history_reads
from bot.store.channels.history_reads import HistoryRead
from bot.store.database import open_database
from slack_emulator import ApiFault
from slack_emulator.state.models import Session
from tests.support.agent import READ_THIS, add_history, add_people, ask, session, wait_for_report
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.reports import DAY, NOW, POSITIVE_TEXT, other_reporter, set_clock
from tests.support.watching import watch

pytestmark = pytest.mark.slow


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with the agent view, and with reports."""
    async with run_bot(engine, ("agent", "watching")) as bot:
        yield bot


async def test_channel_beside_the_agent(bot: RunningBot) -> None:
    """The channel that a person is looking at is reported on in the thread; the status shows that it is being read."""
    add_history(bot)
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await wait_for_report(bot, await ask(bot, Intent.READ.value))
    assert "42 messages" in text_in(report)
    statuses = [entry.sent["status"] for entry in bot.workspace.log if entry.name == "agents.sessions.setStatus"]
    assert statuses == ["processing", "active"]
    assert session(bot, report) == Session("active", "How #general reads")
    assert bot.answers(bot.ben, bot.general) == []


async def test_named_channel(bot: RunningBot) -> None:
    """A channel can be named, wherever the person is."""
    add_history(bot)
    report = await wait_for_report(bot, await ask(bot, f"How does <#{bot.general}|general> read?"))
    assert "42 messages" in text_in(report)


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("How does #general read in the last 30 days?", "2026-10-26 to 2026-11-24"),
        ("How does general read?", "2026-11-18 to 2026-11-24"),
        ("report general 30d", "2026-10-26 to 2026-11-24"),
        ("general 채널 지난 7일 어때?", "2026-11-18 to 2026-11-24"),
    ],
)
async def test_named_in_words(bot: RunningBot, question: str, period: str) -> None:
    """A channel may be named without a link, and the request may name a window."""
    add_history(bot)
    report = text_in(await wait_for_report(bot, await ask(bot, question)))
    assert f"How <#{bot.general}> reads" in report
    assert period in report


async def test_names_of_no_channel(bot: RunningBot) -> None:
    """Words that name none of the person's channels are a text, unless they are written as a channel."""
    assert (await ask(bot, "How is nobody doing?")).text.startswith(("Positive", "Neutral", "Negative"))
    bot.workspace.faults.add(ApiFault("users.conversations", error="access_denied", times=None))
    assert (await ask(bot, "How does general read?")).text.startswith(("Positive", "Neutral", "Negative"))
    bot.workspace.faults.api.clear()
    assert "We both have to be members" in text_in(await ask(bot, "How does #nowhere read?"))


async def test_unknown_period(bot: RunningBot) -> None:
    """For a period of which there are no reports, the answer says which ones there are."""
    await bot.workspace.look_at(bot.ana, bot.general)
    answer = await ask(bot, "How was this channel in the last 2 weeks?")
    assert answer.text == "2 weeks is not a period that I know. Use 24h, 7d, 30d or 90d."


async def test_archived_channel(bot: RunningBot) -> None:
    """An archived channel of the person is said to be archived; of another person's, nothing is said."""
    bot.workspace.state.channels[bot.general].is_archived = True
    bot.workspace.state.channels[bot.general].members.remove(bot.chloe)
    assert "is archived" in text_in(await ask(bot, "How does #general read?"))
    assert "can't find" in text_in(await ask(bot, "How does #general read?", user=bot.chloe))
    assert "is archived" in text_in(await bot.command_in_dm(bot.ana, "report #general"))


async def test_picture_of_a_resumed_report(engine: Engine, tmp_path: Path) -> None:
    """Where a workspace shows no charts, the picture of a report is in its thread also after a restart."""
    async with run_bot(engine, ("agent", "watching"), f"sqlite:///{tmp_path}/bot.db") as bot:
        add_history(bot)
        bot.workspace.state.refused_blocks = {"data_visualization"}
        thread = (await ask(bot, "I love this")).thread_ts
        async with other_reporter(bot, engine) as (reporter, slack):
            message = await slack.post(bot.dm, note("Reading"), thread)
            assert message is not None
            now = NOW.timestamp()
            read = HistoryRead(slack.team, bot.general, bot.ana, "7d", now, "UTC", *message, now)
            with open_database(bot.settings.database_url.get_secret_value()) as database:
                database.run_sync(history_reads.add, read, now + 600)
            reporter.resume(slack, read)
            (picture,) = await bot.workspace.until(
                lambda: [one for one in bot.workspace.seen_by(bot.ana, bot.dm) if one.files], timeout=60
            )
        assert picture.thread_ts == thread


async def test_too_few_people(bot: RunningBot) -> None:
    """As in every report, figures need five people."""
    add_history(bot, people=4)
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await wait_for_report(bot, await ask(bot, READ_THIS))
    assert "Too few people" in text_in(report)
    assert "%" not in text_in(report)


async def test_counted_channel(bot: RunningBot) -> None:
    """The report of a channel that has been watched for long enough comes from the counts, in the thread."""
    people = add_people(bot)
    set_clock(bot, NOW - 8 * DAY)
    await watch(bot)
    for back in (8, 0):
        set_clock(bot, NOW - back * DAY)
        for user in people:
            await bot.workspace.post(user, bot.general, POSITIVE_TEXT)
    await bot.wait_until_processed()
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await ask(bot, READ_THIS)
    assert "6 messages" in text_in(report)
    assert session(bot, report) == Session("active", "How #general reads")


async def test_asked_twice(bot: RunningBot) -> None:
    """While a channel is being read for a person, a second question is answered with that, once."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=1))
    await bot.workspace.look_at(bot.ana, bot.general)
    ts = await bot.workspace.post(bot.ana, bot.dm, READ_THIS)
    await bot.wait_for_answer(bot.ana, bot.dm)
    await bot.workspace.post(bot.ana, bot.dm, READ_THIS)
    await bot.workspace.until(lambda: len(bot.answers(bot.ana, bot.dm)) == 2)
    await bot.workspace.until(lambda: "still working" in bot.answers(bot.ana, bot.dm)[1].text)
    await bot.assert_answer_count(2, bot.ana, bot.dm)
    (report,) = bot.workspace.replies(bot.dm, ts)
    assert "42 messages" in text_in(await wait_for_report(bot, report))


async def test_stop(bot: RunningBot) -> None:
    """The stop button ends the reading of a history."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=60))
    await bot.workspace.look_at(bot.ana, bot.general)
    progress = await ask(bot, READ_THIS)
    await bot.workspace.until(lambda: session(bot, progress).status == "processing")
    await bot.workspace.stop_session(bot.ana, progress.thread_ts or "")
    stopped = await wait_for_report(bot, progress)
    assert "Stopped" in stopped.text
    await bot.workspace.until(lambda: session(bot, stopped).status == "active")


async def test_stop_in_another_process(engine: Engine, tmp_path: Path) -> None:
    """The reading ends also if another process is told that the button was pressed."""
    async with run_bot(engine, ("agent", "watching"), f"sqlite:///{tmp_path}/bot.db") as bot:
        add_history(bot)
        other = (await ask(bot, "I love this")).thread_ts or ""
        bot.workspace.faults.add(ApiFault("conversations.history", wait=2))
        await bot.workspace.look_at(bot.ana, bot.general)
        progress = await ask(bot, READ_THIS)
        thread = MessageRef(progress.channel, progress.thread_ts or "")
        async with other_reporter(bot, engine) as (reporter, slack):
            await reporter.stop_reading(slack, bot.ben, thread)
            await reporter.stop_reading(slack, bot.ana, MessageRef(thread.channel, other))
            assert "Reading" in bot.workspace.message(bot.dm, progress.ts).text
            await reporter.stop_reading(slack, bot.ana, thread)
        assert "Stopped" in bot.workspace.message(bot.dm, progress.ts).text
        await bot.workspace.until(lambda: session(bot, progress).status == "active")
        assert "Stopped" in bot.workspace.message(bot.dm, progress.ts).text


async def test_without_reports(engine: Engine) -> None:
    """Without the reports, a message can be read, and for a channel the answer is how to switch them on."""
    async with run_bot(engine, ("agent",)) as bot:
        await bot.workspace.look_at(bot.ana, bot.general)
        assert "add `watching` to `FEATURES`" in text_in(await ask(bot, READ_THIS))
        await bot.workspace.open_home(bot.ana, "messages")
        shown = await bot.workspace.until(lambda: bot.workspace.state.prompts.get(bot.dm))
        assert "How does this message read?" in [prompt["message"] for prompt in shown["prompts"]]
        assert Intent.READ.value not in [prompt["message"] for prompt in shown["prompts"]]
        ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
        await bot.workspace.look_at(bot.ana, bot.general, ts)
        assert (await ask(bot, READ_THIS)).text.startswith("Negative")
