"""The step for Workflow Builder."""

import pytest

from bot.slack.features.workflow.step import CALLBACK_ID as ANALYZE_STEP
from bot.slack.features.workflow.step import INCOMPLETE, INVISIBLE
from slack_emulator import Step
from tests.support.stage import Stage


async def ran(stage: Stage, **inputs: str) -> Step:
    """Run the step to its end."""
    step = await stage.workspace.run_step(stage.ana, ANALYZE_STEP, inputs)
    await stage.workspace.until(lambda: step.status != "running")
    return step


async def test_gives_label_score_and_confidence(stage: Stage) -> None:
    """A workflow goes on with what it can branch on."""
    step = await ran(stage, text="I love this team")
    assert step.status == "completed"
    assert step.outputs["label"] == "POSITIVE"
    assert 0.9 < step.outputs["score"] <= 1
    assert step.outputs["confident"] is True


async def test_takes_a_message(stage: Stage) -> None:
    """A message may be named, so that its author's wish is kept."""
    ts = await stage.workspace.post(stage.ben, stage.general, "I love this team")
    assert (await ran(stage, text="I love this team", channel=stage.general, ts=ts)).status == "completed"


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"text": "..."}, "nothing to classify"),
        ({"text": "fine", "ts": "1700000000.000100"}, INCOMPLETE),
        ({"text": "fine", "channel": "general", "ts": "1700000000.000100"}, INVISIBLE),
        ({"text": "fine", "channel": "lonely", "ts": "1700000000.000100"}, INVISIBLE),
    ],
)
async def test_fails_in_a_sentence(stage: Stage, inputs: dict[str, str], error: str) -> None:
    """What cannot be judged ends the step with a reason that a person can read."""
    if "channel" in inputs:
        inputs = inputs | {"channel": stage.workspace.channel_id(inputs["channel"])}
    step = await ran(stage, **inputs)
    assert step.status == "failed"
    assert error in (step.error or "")
