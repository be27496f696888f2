"""Helpers for tests with a watched channel."""

from slack_emulator import Message
from tests.support.bot_in_emulator import RunningBot

POSITIVE_EMOJI, NEUTRAL_EMOJI, NEGATIVE_EMOJI = "slightly_smiling_face", "neutral_face", "slightly_frowning_face"


async def watch(bot: RunningBot, name: str = "general") -> Message:
    """Turn watching on, as Ana; return the announcement in the channel."""
    channel = bot.workspace.channel_id(name)
    await bot.workspace.command(bot.ana, channel, "/sentiment", "watch")
    await bot.workspace.until(lambda: len(bot.answers(bot.ana, channel)) == 2)
    (announcement,) = bot.answers(bot.chloe, channel)
    return announcement


async def unwatch(bot: RunningBot) -> None:
    """Turn watching off, as Ana."""
    question = await bot.run_command("unwatch")
    told = len(bot.answers(bot.chloe, bot.general))
    await bot.workspace.press(bot.ana, question, "stop_watching")
    await bot.wait_for_answer(bot.chloe, bot.general, told + 1)


def bot_reactions(bot: RunningBot, ts: str) -> set[str]:
    """Return the bot's reactions to a message in #general."""
    message = bot.workspace.message(bot.general, ts)
    return {name for name, users in message.reactions.items() if bot.workspace.bot_user_id in users}


async def wait_for_reaction(bot: RunningBot, ts: str, emoji: str) -> None:
    """Wait until ``emoji`` is the bot's only reaction to a message in #general."""
    await bot.workspace.until(lambda: bot_reactions(bot, ts) == {emoji})
