"""Results that the bot is unsure of."""

import pytest

from bot.sentiment import language
from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import Engine
from bot.sentiment.formatting import plain_label, whole_percent
from bot.slack.features.workflow import CALLBACK_ID as ANALYZE_STEP
from bot.slack.parsing.request import COMMAND
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.processes import poll
from tests.support.watching import bot_reactions, watch

THAI = "การนำเสนอนั้นน่าเบื่อและยาวมาก ไม่อยากฟังอีกแล้ว"
UNCERTAIN = "I was hoping for more, to be honest"


@pytest.mark.parametrize(("text", "language"), [(THAI, "Thai"), ("ez tényleg nagyon rossz lett", "Hungarian")])
async def test_other_languages(bot: RunningBot, text: str, language: str) -> None:
    """The answer and its notification name the language of a text if the model does not read it."""
    await bot.workspace.command(bot.ana, bot.general, COMMAND, text)
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert f"unsure, looks like {language}" in answer.text
    assert f"This looks like {language}, which the model does not read" in text_in(answer)


async def test_languages_of_the_model(bot: RunningBot) -> None:
    """The answer about a text in a language that the model reads does not name it."""
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "이 영화 정말 최고예요, 또 보고 싶어요")
    assert "looks like" not in text_in(await bot.wait_for_answer(bot.ana, bot.general))


async def test_low_confidence(bot: RunningBot, classifier: Classifier) -> None:
    """A result below the setting LEAST_CONFIDENCE is marked as unsure."""
    (sentiment,) = classifier.classify([UNCERTAIN])
    assert sentiment.score < bot.settings.least_confidence
    await bot.workspace.post(bot.ana, bot.dm, UNCERTAIN)
    answer = await bot.wait_for_answer(bot.ana, bot.dm)
    assert answer.text == f"{plain_label(sentiment.label)} {whole_percent(sentiment.score)} · unsure"
    assert "unsure" in text_in(answer)


@pytest.mark.parametrize("text", [THAI, UNCERTAIN])
async def test_watched_message_and_workflow_step(bot: RunningBot, text: str) -> None:
    """In a watched channel such a message gets no reaction; a workflow step returns that the bot is not confident."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, text)
    step = await bot.workspace.run_step(bot.ana, ANALYZE_STEP, {"text": text})
    await bot.wait_until_processed()
    await bot.workspace.until(lambda: step.status != "running")
    assert bot_reactions(bot, ts) == set()
    assert step.outputs["confident"] is False


async def test_detector_is_loaded_at_start(engine: Engine) -> None:
    """What detects languages is loaded when the bot starts, so that no window waits for it."""
    language._load_detector.cache_clear()
    async with run_bot(engine):
        await poll(lambda: language._load_detector.cache_info().currsize == 1)
