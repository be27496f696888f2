"""The agent view: prompts, context, answers in threads, status and title."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from benchmarks.past_messages import add_members, add_past_message
from bot.sentiment.engine.engine import Engine
from bot.slack.features.agent.intents import Intent
from slack_emulator import ApiFault, Message
from slack_emulator.state.models import Session
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.modals import buttons
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NOW, POSITIVE_TEXT, set_clock

READ_THIS = "How does this read?"
CHANNEL_TYPE, MESSAGE_TYPE = "slack#/types/channel_id", "slack#/types/message_context"


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with the agent view, and with reports."""
    async with run_bot(engine, ("agent", "watching")) as bot:
        yield bot


async def ask(bot: RunningBot, text: str, *, user: str | None = None, thread_ts: str | None = None) -> Message:
    """Write to the agent, and return the answer."""
    user = user or bot.ana
    dm = bot.workspace.state.dm(user).id
    before = len(bot.answers(user, dm))
    ts = await bot.workspace.post(user, dm, text, thread_ts=thread_ts)
    answer = await bot.wait_for_answer(user, dm, before + 1)
    assert answer.thread_ts == (thread_ts or ts)
    assert_valid_blocks(answer.blocks)
    await bot.wait_until_processed()
    return answer


def session(bot: RunningBot, answer: Message) -> Session:
    """Return the session of the conversation that an answer is in."""
    return bot.workspace.state.sessions[answer.channel, answer.thread_ts or ""]


def add_history(bot: RunningBot, people: int = 6) -> None:
    """Add a message of each of ``people`` on each of the last days to #general."""
    set_clock(bot, NOW)
    for back in range(14, -1, -1):
        for i, user in enumerate(add_members(bot.workspace, bot.general, people)):
            text = (POSITIVE_TEXT, NEGATIVE_TEXT)[i % 2]
            add_past_message(bot.workspace, bot.general, user, text, NOW - back * DAY - (i + 1) * HOUR)


async def wait_for_report(bot: RunningBot, message: Message) -> Message:
    """Wait until a message that shows the progress is a report."""
    found = await bot.workspace.until(
        lambda: "Reading" not in (now := bot.workspace.message(message.channel, message.ts)).text and now
    )
    await bot.wait_until_processed()
    return found


async def test_opening_it_suggests_prompts(bot: RunningBot) -> None:
    """Opening the agent suggests what it can do, and each prompt is understood."""
    await bot.workspace.open_home(bot.ana, "messages")
    shown = await bot.workspace.until(lambda: bot.workspace.state.prompts.get(bot.dm))
    assert [prompt["message"] for prompt in shown["prompts"]] == [intent.value for intent in Intent]
    for prompt, words in zip(shown["prompts"], ("Send me the text", "Open a", "Send me the draft", "*You"), strict=True):
        assert words in text_in(await ask(bot, prompt["message"]))
    assert bot.workspace.home(bot.ana) is None


async def test_a_text(bot: RunningBot) -> None:
    """A text is analysed in its thread, and gives the conversation a title without its words; so does a reply."""
    answer = await ask(bot, "I love this wonderful day")
    assert answer.text.startswith("Positive")
    await bot.workspace.until(lambda: session(bot, answer) == Session("active", "How a text reads"))
    again = await ask(bot, "I hate this", thread_ts=answer.thread_ts)
    assert again.text.startswith("Negative")


@pytest.mark.parametrize("text", ["Check a draft: I hate this so much", "Analyse this text:\nI hate this so much"])
async def test_a_text_in_an_edited_prompt(bot: RunningBot, text: str) -> None:
    """What follows the words of a prompt is analysed, without them."""
    assert (await ask(bot, text)).text == (await ask(bot, "I hate this so much")).text


async def test_message_beside_the_agent(bot: RunningBot) -> None:
    """The message that a person is looking at is analysed for them, without a button to share the result."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
    await bot.workspace.look_at(bot.ana, bot.general, ts)
    answer = await ask(bot, READ_THIS)
    assert answer.text.startswith("Negative")
    assert "this message" in text_in(answer)
    assert "share" not in buttons(answer)
    await bot.workspace.until(lambda: session(bot, answer).title == "How a message reads")
    await bot.workspace.press(bot.ana, answer, "show_tokens")
    await bot.workspace.until(lambda: "the odds of" in text_in(bot.workspace.message(bot.dm, answer.ts)))
    assert "share" not in buttons(bot.workspace.message(bot.dm, answer.ts))
    assert bot.answers(bot.ben, bot.general) == []


async def test_channel_beside_the_agent(bot: RunningBot) -> None:
    """The channel that a person is looking at is reported on in the thread; the status shows that it is being read."""
    add_history(bot)
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await wait_for_report(bot, await ask(bot, Intent.READ.value))
    assert "42 messages" in text_in(report)
    statuses = [entry.sent["status"] for entry in bot.workspace.log if entry.name == "agents.sessions.setStatus"]
    assert statuses == ["active", "processing", "active"]
    assert session(bot, report) == Session("active", "How #general reads")
    assert bot.answers(bot.ben, bot.general) == []


async def test_named_channel(bot: RunningBot) -> None:
    """A channel can be named, wherever the person is."""
    add_history(bot)
    report = await wait_for_report(bot, await ask(bot, f"How does <#{bot.general}|general> read?"))
    assert "42 messages" in text_in(report)


async def test_too_few_people(bot: RunningBot) -> None:
    """As in every report, figures need five people."""
    add_history(bot, people=4)
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await wait_for_report(bot, await ask(bot, READ_THIS))
    assert "Too few people" in text_in(report)
    assert "%" not in text_in(report)


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
