"""Texts that were probably meant as a command."""

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.features.privacy.blocks import OPTED_OUT_NOW
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in

FEATURES = ("watching",)


async def press(bot: RunningBot, channel: str, action: str) -> None:
    """Press a button under the last answer in ``channel``."""
    answer = bot.answers(bot.ana, channel)[-1]
    assert (await bot.workspace.press(bot.ana, answer.ts, action)).ok


async def test_mistyped_command(bot: RunningBot) -> None:
    """A mistyped command is not analysed; a button runs the command, in place of the question."""
    answer = await bot.run_command("unwach")
    assert "/sentiment unwatch" in text_in(answer)
    await press(bot, bot.general, "run_command_0")
    await bot.workspace.until(lambda: "I don't watch this channel" in text_in(bot.answers(bot.ana, bot.general)[-1]))
    assert len(bot.answers(bot.ana, bot.general)) == 1


async def test_text_after_all(bot: RunningBot) -> None:
    """A button analyses the text after all."""
    await bot.run_command("report terrible")
    await press(bot, bot.general, "analyze_text")
    await bot.workspace.until(lambda: "Negative" in text_in(bot.answers(bot.ana, bot.general)[-1]))


@pytest.mark.parametrize(
    "text",
    [
        "Stop reading my messages!",
        "how do I opt out?",
        "leave me alone",
        "optuot",
        "opted out",
        "opt out of being tracked",
        "OptOut from #general",
        "Yes, opt out forever!",
        "옵트 아웃",
        "내 메시지 읽지 마!",
        "分析しないで",
        "不要分析我",
        "N'analyse pas mes messages",
        "Analysiere mich nicht",
        "не анализируй меня",
        "मुझे हटाओ",
        "لا تحلل رسائلي",
        "no me analices",
        "beni analiz etme",
    ],
)
async def test_possible_opt_out(bot: RunningBot, text: str) -> None:
    """Whoever may be trying to opt out is asked, by the command and in a direct message, and can confirm it."""
    assert "/sentiment optout" in text_in(await bot.run_command(text))
    await bot.workspace.post(bot.ana, bot.dm, text)
    assert "/sentiment optout" in text_in(await bot.wait_for_answer(bot.ana, bot.dm))
    await press(bot, bot.dm, "run_command_0")
    await bot.workspace.until(lambda: bot.answers(bot.ana, bot.dm)[-1].text == OPTED_OUT_NOW.text)


@pytest.mark.parametrize("text", ["stop", "off", "stop watching", "중지", "aus"])
async def test_stop(bot: RunningBot, text: str) -> None:
    """Whoever says only to stop is asked what: watching, or the analysis of their own messages."""
    answer = await bot.run_command(text)
    assert "Did you mean \n/sentiment unwatch\n or \n/sentiment optout" in text_in(answer)
    await press(bot, bot.general, "run_command_1")
    await bot.workspace.until(lambda: bot.answers(bot.ana, bot.general)[-1].text == OPTED_OUT_NOW.text)


@pytest.mark.parametrize(
    "text",
    ["No", "para nada", "나를 정말 행복하게 해", "我不要", "nicht schlecht", "no thanks", "opt for less out of fear"],
)
async def test_ordinary_text(bot: RunningBot, text: str) -> None:
    """A text in another language, or with a negation, is classified."""
    assert "%" in (await bot.run_command(text)).text


async def test_feature_that_is_switched_off(engine: Engine) -> None:
    """What is switched off is not suggested beside what is not."""
    async with run_bot(engine, features=()) as bot:
        assert "unwatch" not in text_in(await bot.run_command("stop"))
        assert "unwatch" in text_in(await bot.run_command("watch off"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("watch", "Write \n/sentiment watch\n."),
        ("report 7d", "Write \n/sentiment report 7d\n."),
        ("report <#C0123> 7d", "Write \n/sentiment report #channel 7d\n."),
        ("watch off", "Did you mean \n/sentiment unwatch\n?"),
        ("token hi", "Did you mean \n/sentiment tokens hi\n?"),
        ("hlep", "Did you mean \n/sentiment help\n?"),
        ("help", "/sentiment TEXT"),
    ],
)
async def test_command_in_a_message(bot: RunningBot, text: str, words: str) -> None:
    """A command in a mention or a direct message is not classified; in a channel only its author sees the answer."""
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {text}")
    assert words in text_in(await bot.wait_for_answer(bot.ana, bot.general))
    await bot.workspace.post(bot.ana, bot.dm, text)
    assert words in text_in(await bot.wait_for_answer(bot.ana, bot.dm))
    assert bot.answers(bot.ben, bot.general) == []


async def test_text_of_a_message_after_all(bot: RunningBot) -> None:
    """A mention that looks like a command can be analysed as a text; only its author sees the result."""
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} report")
    await bot.wait_for_answer(bot.ana, bot.general)
    await press(bot, bot.general, "analyze_text")
    await bot.workspace.until(lambda: "%" in bot.answers(bot.ana, bot.general)[-1].text)
    assert bot.answers(bot.ben, bot.general) == []
