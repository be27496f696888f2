"""Where the bot is unsure it says so, beside the label and everywhere the same."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.formatting import percent
from bot.slack.features.workflow.step import CALLBACK_ID as ANALYZE_STEP
from bot.slack.parsing.request import COMMAND
from tests.scenarios.test_watching import all_done, marks, watch
from tests.support.stage import Stage, text_in

KOREAN = "이 영화 정말 최고예요, 또 보고 싶어요"
DOUBTFUL = "the code is weird but works"


@pytest.mark.parametrize(("text", "language"), [(KOREAN, "Korean"), ("Das ist wirklich furchtbar geworden", "German")])
async def test_another_language(stage: Stage, text: str, language: str) -> None:
    """A text that the model cannot read is said to be one, in the answer and in its notification."""
    await stage.workspace.command(stage.ana, stage.general, COMMAND, text)
    answer = await stage.answer(stage.ana, stage.general)
    assert f"unsure, looks like {language}" in answer.text
    assert f"This looks like {language}. The model reads English" in text_in(answer)


async def test_below_the_least_confidence(stage: Stage, classifier: Classifier) -> None:
    """A result below it says "unsure" beside the label."""
    (sentiment,) = classifier.classify([DOUBTFUL])
    assert sentiment.score < stage.settings.least_confidence
    await stage.workspace.post(stage.ana, stage.dm, DOUBTFUL)
    answer = await stage.answer(stage.ana, stage.dm)
    assert answer.text == f"{sentiment.label} {percent(sentiment.score)} · unsure"
    assert "unsure" in text_in(answer)


@pytest.mark.parametrize("text", [KOREAN, DOUBTFUL])
async def test_what_it_is_unsure_of_is_not_marked(stage: Stage, text: str) -> None:
    """In a watched channel such a message gets no emoji, and a workflow hears that the bot is not confident."""
    await watch(stage)
    ts = await stage.workspace.post(stage.ben, stage.general, text)
    step = await stage.workspace.run_step(stage.ana, ANALYZE_STEP, {"text": text})
    await all_done(stage)
    await stage.workspace.until(lambda: step.status != "running")
    assert marks(stage, ts) == set()
    assert step.outputs["confident"] is False
