"""Who opts out is judged for nobody else, by any door, and can still ask."""

import pytest

from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE
from bot.slack.features.workflow.step import CALLBACK_ID as ANALYZE_STEP
from slack_emulator.payloads.mentions import message_mentions
from tests.scenarios.test_windows import result, shown
from tests.support.stage import Stage, text_in

KINDLY = "has opted out"
TEXT = "What a wonderful, calm release"


async def opt(stage: Stage, user: str, how: str) -> None:
    """Opt out or in, by the command, in a place where nothing else is said."""
    elsewhere = stage.workspace.dm_id(stage.workspace.state.users[user].name)
    before = len(stage.answers(user, elsewhere))
    await stage.workspace.command(user, elsewhere, "/sentiment", how)
    await stage.answer(user, elsewhere, before + 1)


async def test_by_reaction(stage: Stage) -> None:
    """Who reacts to such a message is told so kindly; once its author opts in again, it is judged."""
    await opt(stage, stage.ben, "optout")
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    assert KINDLY in (await stage.answer(stage.ana, stage.general)).text
    await opt(stage, stage.ben, "optin")
    await stage.workspace.unreact(stage.ana, stage.general, ts, "thermometer")
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    assert "POSITIVE" in (await stage.answer(stage.ana, stage.general, 2)).text


async def test_by_shortcut_and_mention(stage: Stage) -> None:
    """So are those who use the shortcut, or mention the bot in a thread that the person began."""
    await opt(stage, stage.ben, "optout")
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
    assert "POSITIVE" not in shown(await result(stage, stage.ana, KINDLY))
    await stage.workspace.post(stage.ana, stage.general, stage.mention, thread_ts=ts)
    assert KINDLY in (await stage.answer(stage.ana, stage.general)).text


@pytest.mark.parametrize("button", ["show_tokens", "share"])
async def test_by_a_button_drawn_before(stage: Stage, button: str) -> None:
    """A result that is on the screen already is neither opened nor shared any more."""
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    answer = await stage.answer(stage.ana, stage.general)
    await opt(stage, stage.ben, "optout")
    await stage.workspace.press(stage.ana, answer, button)
    await stage.workspace.until(lambda: KINDLY in stage.answers(stage.ana, stage.general)[-1].text)
    assert stage.answers(stage.chloe, stage.general) == []


async def test_by_a_workflow(stage: Stage) -> None:
    """A workflow that names the message is told the same, and gets no label."""
    await opt(stage, stage.ben, "optout")
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    step = await stage.workspace.run_step(stage.ana, ANALYZE_STEP, {"text": TEXT, "channel": stage.general, "ts": ts})
    await stage.workspace.until(lambda: step.status != "running")
    assert KINDLY in (step.error or "")
    assert step.outputs == {}


async def test_their_own_asks_still_work(stage: Stage) -> None:
    """By command, mention, direct message and about a message of their own."""
    await opt(stage, stage.ben, "optout")
    await stage.workspace.command(stage.ben, stage.general, "/sentiment", "I love this")
    assert "POSITIVE" in (await stage.answer(stage.ben, stage.general)).text
    ts = await stage.workspace.post(stage.ben, stage.general, f"{stage.mention} I love this")
    assert "POSITIVE" in (await stage.answer(stage.ben, stage.general, 2)).text
    await stage.workspace.react(stage.ben, stage.general, ts, "thermometer")
    assert "POSITIVE" in (await stage.answer(stage.ben, stage.general, 3)).text


async def test_app_home_has_the_switch(stage: Stage) -> None:
    """App Home shows the switch as it stands, and anew once it is pressed or the command is used."""
    await stage.workspace.open_home(stage.ana)
    await stage.workspace.until(lambda: stage.workspace.home(stage.ana))

    def says(words: str) -> bool:
        view = stage.workspace.home(stage.ana)
        return view is not None and words in shown(view)

    assert says("You have not opted out")
    home = stage.workspace.home(stage.ana)
    assert home is not None
    await stage.workspace.press(stage.ana, home, "opt_out")
    await stage.workspace.until(lambda: says("You have opted out"))
    await opt(stage, stage.ana, "optin")
    await stage.workspace.until(lambda: says("You have not opted out"))


@pytest.mark.parametrize(("button", "words"), [("show_help", "/sentiment tokens"), ("show_privacy", "No text,")])
async def test_app_home_has_help_and_privacy(stage: Stage, button: str, words: str) -> None:
    """Its buttons open windows that say every way to ask, and what is kept."""
    await stage.workspace.open_home(stage.ana)
    await stage.workspace.until(lambda: stage.workspace.home(stage.ana))
    home = stage.workspace.home(stage.ana)
    assert home is not None
    await stage.workspace.press(stage.ana, home, button)
    await result(stage, stage.ana, words)


async def test_a_share_quotes_and_names_who_shares(stage: Stage) -> None:
    """A result about somebody's message, shared, shows its text as a quote in which nothing comes alive."""
    ts = await stage.workspace.post(stage.ben, stage.general, "I love <!here> *all* of you")
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    answer = await stage.answer(stage.ana, stage.general)
    await stage.workspace.press(stage.ana, answer, "share")
    shared = await stage.answer(stage.chloe, stage.general)
    assert f"Shared by <@{stage.ana}>" in text_in(shared)
    assert "I love @here all of you" in text_in(shared)
    assert message_mentions(shared) == {stage.ana}
