"""Helpers for tests of the agent view."""

from slack_emulator import Message
from slack_emulator.state.models import Session
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import RunningBot
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NOW, POSITIVE_TEXT, set_clock

READ_THIS = "How does this read?"
CHANNEL_TYPE, MESSAGE_TYPE = "slack#/types/channel_id", "slack#/types/message_context"


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
    return bot.workspace.state.sessions.get((answer.channel, answer.thread_ts or ""), Session("none"))


def add_people(bot: RunningBot, count: int = 6) -> list[str]:
    """Add ``count`` people to #general; return their ids."""
    users = [bot.workspace.members.add_person(f"person{i}", f"Person {i}").id for i in range(count)]
    bot.workspace.state.channels[bot.general].members += users
    return users


def add_history(bot: RunningBot, people: int = 6) -> None:
    """Add a message of each of ``people`` on each of the last days to #general."""
    set_clock(bot, NOW)
    general, users = bot.workspace.state.channels[bot.general], add_people(bot, people)
    for back in range(14, -1, -1):
        for i, user in enumerate(users):
            text = (POSITIVE_TEXT, NEGATIVE_TEXT)[i % 2]
            bot.workspace.messages.add_past(general, user, text, NOW - back * DAY - (i + 1) * HOUR)


async def wait_for_report(bot: RunningBot, message: Message) -> Message:
    """Wait until a message that shows the progress is a report."""
    found = await bot.workspace.until(
        lambda: "Reading" not in (now := bot.workspace.message(message.channel, message.ts)).text and now
    )
    await bot.wait_until_processed()
    return found
