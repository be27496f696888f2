"""Texts that were probably meant as a command."""

import pytest

from bot.slack.features.privacy.blocks import OPTED_OUT_NOW
from tests.support.bot_in_emulator import RunningBot, text_in

FEATURES = ("watching",)


async def press(bot: RunningBot, channel: str, action: str) -> None:
    """Press a button under the last answer in ``channel``."""
    answer = bot.answers(bot.ana, channel)[-1]
    assert (await bot.workspace.press(bot.ana, answer.ts, action)).ok


async def test_mistyped_command(bot: RunningBot) -> None:
    """A mistyped command is not analysed; a button runs the command, in place of the question."""
    answer = await bot.run_command("unwach")
    assert "/sentiment unwatch" in text_in(answer)
    await press(bot, bot.general, "run_command")
    await bot.workspace.until(lambda: "I don't watch this channel" in text_in(bot.answers(bot.ana, bot.general)[-1]))
    assert len(bot.answers(bot.ana, bot.general)) == 1


async def test_text_after_all(bot: RunningBot) -> None:
    """A button analyses the text after all."""
    await bot.run_command("report terrible")
    await press(bot, bot.general, "analyze_text")
    await bot.workspace.until(lambda: "Negative" in text_in(bot.answers(bot.ana, bot.general)[-1]))


@pytest.mark.parametrize("text", ["stop", "Stop reading my messages!", "how do I opt out?", "leave me alone"])
async def test_possible_opt_out(bot: RunningBot, text: str) -> None:
    """Whoever may be trying to opt out is asked, by the command and in a direct message, and can confirm it."""
    assert "/sentiment optout" in text_in(await bot.run_command(text))
    await bot.workspace.post(bot.ana, bot.dm, text)
    assert "/sentiment optout" in text_in(await bot.wait_for_answer(bot.ana, bot.dm))
    await press(bot, bot.dm, "run_command")
    await bot.workspace.until(lambda: bot.answers(bot.ana, bot.dm)[-1].text == OPTED_OUT_NOW.text)
