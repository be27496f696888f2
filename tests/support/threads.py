"""Helpers for tests of answers about threads."""

from slack_emulator import Message
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import RunningBot
from tests.support.reports import NEGATIVE_TEXT, POSITIVE_TEXT

NAMES = ("ana", "ben", "chloe")


def add_thread(bot: RunningBot, labels: str, people: int = 3) -> list[str]:
    """Add a thread to #general, with a negative message for each ``n``; return the timestamps."""
    channel = bot.workspace.state.channels[bot.general]
    users = [bot.workspace.user_id(name) for name in NAMES]
    for number in range(len(users), people):
        users.append(bot.workspace.members.add_person(f"person{number}", f"Person {number}").id)
        channel.members.append(users[-1])
    found: list[str] = []
    for number, label in enumerate(labels):
        text = NEGATIVE_TEXT if label == "n" else POSITIVE_TEXT
        first = found[0] if found else None
        found.append(bot.workspace.messages.post(channel, users[number % people], text, thread_ts=first).ts)
    return found


async def ask_in(bot: RunningBot, thread: str | None, text: str = "thread") -> Message:
    """Ask as Ana in a thread of #general; return the answer."""
    before = len(bot.answers(bot.ana, bot.general))
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {text}", thread_ts=thread)
    answer = await bot.wait_for_answer(bot.ana, bot.general, before + 1)
    assert_valid_blocks(answer.blocks)
    return answer
