"""The step in Workflow Builder."""

import pytest

from bot.slack.features.workflow import CALLBACK_ID as ANALYZE_STEP
from bot.slack.features.workflow import INCOMPLETE, INVISIBLE
from slack_emulator import Step
from tests.support.bot_in_emulator import RunningBot


async def run_step(bot: RunningBot, **inputs: str) -> Step:
    """Run the step until it has ended."""
    step = await bot.workspace.run_step(bot.ana, ANALYZE_STEP, inputs)
    await bot.workspace.until(lambda: step.status != "running")
    return step


async def test_outputs(bot: RunningBot) -> None:
    """The step returns the label, the score and whether the bot is confident."""
    step = await run_step(bot, text="I love this team")
    assert step.status == "completed"
    assert step.outputs["label"] == "POSITIVE"
    assert 0.9 < step.outputs["score"] <= 1
    assert step.outputs["confident"] is True


async def test_message(bot: RunningBot) -> None:
    """The step accepts a message as well as its text."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I love this team")
    assert (await run_step(bot, text="I love this team", channel=bot.general, ts=ts)).status == "completed"


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"text": "..."}, "nothing to classify"),
        ({"text": "fine", "ts": "1700000000.000100"}, INCOMPLETE),
        ({"text": "fine", "channel": "general", "ts": "1700000000.000100"}, INVISIBLE),
        ({"text": "fine", "channel": "lonely", "ts": "1700000000.000100"}, INVISIBLE),
    ],
)
async def test_errors(bot: RunningBot, inputs: dict[str, str], error: str) -> None:
    """The step fails with a readable reason if there is nothing to classify, or the message is not visible."""
    if "channel" in inputs:
        inputs = inputs | {"channel": bot.workspace.channel_id(inputs["channel"])}
    step = await run_step(bot, **inputs)
    assert step.status == "failed"
    assert error in (step.error or "")
