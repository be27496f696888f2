"""What happens in windows: a message's shortcut, a draft, and telling the bot that it was wrong."""

from pathlib import Path

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE, CHECK_DRAFT
from bot.store import feedback
from bot.store.database import open_database
from bot.store.feedback import FeedbackCount
from slack_emulator import ApiFault, Message, View
from slack_emulator.payloads.elements import interactive_elements
from tests.scenarios.test_doors import buttons
from tests.support.stage import Stage, staged, text_in


def modal(stage: Stage, user: str) -> View:
    """Return the window that somebody has open."""
    view = stage.workspace.modal(user)
    assert view is not None
    return view


def shown(view: View) -> str:
    """Return all that a window shows."""
    return text_in(Message("", "", "", "", "", blocks=view.content["blocks"]))


async def result(stage: Stage, user: str, words: str) -> View:
    """Wait until the window shows ``words``."""
    await stage.workspace.until(lambda: (view := stage.workspace.modal(user)) and words in shown(view))
    return modal(stage, user)


async def test_the_shortcut_of_a_message(stage: Stage) -> None:
    """It opens a window that only the asker sees, with the text, the result and the words that decided it."""
    ts = await stage.workspace.post(stage.ben, stage.general, "What a *wonderful*, calm release")
    assert (await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)).ok
    view = await result(stage, stage.ana, "POSITIVE")
    assert "What a wonderful, calm release" in shown(view)
    assert "strongest first" in shown(view)
    assert stage.workspace.modal(stage.ben) is None
    assert stage.answers(stage.ana, stage.general) == []


async def test_a_message_in_a_thread_where_the_bot_is_not(stage: Stage) -> None:
    """The shortcut brings the message along, so that the bot need not be able to see it."""
    lonely = stage.workspace.channel_id("lonely")
    assert stage.workspace.bot_user_id not in stage.workspace.state.channels[lonely].members
    parent = await stage.workspace.post(stage.ana, lonely, "hello")
    ts = await stage.workspace.post(stage.ana, lonely, "I hate this so much", thread_ts=parent)
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=lonely, ts=ts)
    await result(stage, stage.ana, "NEGATIVE")


async def test_a_message_of_blocks_alone(stage: Stage) -> None:
    """Another app's message without a text is judged by its blocks."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "The build *failed* again, this is terrible"}}
    channel = stage.workspace.state.channels[stage.general]
    message = stage.workspace.messages.post(channel, stage.ben, "", blocks=[block])
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=message.ts)
    await result(stage, stage.ana, "NEGATIVE")


async def test_a_message_of_the_bot_itself(stage: Stage) -> None:
    """The bot does not judge itself, by this door either."""
    await stage.workspace.post(stage.ben, stage.general, f"{stage.mention} I love this")
    answer = await stage.answer(stage.ana, stage.general)
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=answer.ts)
    await result(stage, stage.ana, "my own")


async def test_a_trigger_that_is_too_old(stage: Stage) -> None:
    """Where Slack opens no window any more, the person is told so in a sentence, and nothing else happens."""
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful release")
    stage.workspace.faults.add(ApiFault("views.open", error="expired_trigger_id"))
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
    assert "three seconds" in (await stage.answer(stage.ana, stage.general)).text
    stage.workspace.faults.add(ApiFault("views.open", error="expired_trigger_id"))
    await stage.workspace.shortcut(stage.ana, CHECK_DRAFT)
    assert "three seconds" in (await stage.answer(stage.ana, stage.dm)).text


async def test_a_window_closed_too_soon(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Who closes the window before the result is there leaves no error behind."""
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful release")
    stage.workspace.faults.add(ApiFault("views.update", error="not_found"))
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
    await stage.settled(0, stage.ana, stage.general)
    assert caplog.text == ""


async def test_a_draft_is_checked_and_checked_again(stage: Stage) -> None:
    """The result stands in the same window beneath the text, which stays to be reworded; nothing is posted."""
    assert (await stage.workspace.shortcut(stage.ana, CHECK_DRAFT)).ok
    await stage.workspace.until(lambda: stage.workspace.modal(stage.ana))
    assert (await stage.workspace.submit(stage.ana, {"draft": "I hate how you did <this> :rage:"})).ok
    view = await result(stage, stage.ana, "NEGATIVE")
    assert view.content["blocks"][0]["element"]["initial_value"] == "I hate how you did <this> :rage:"
    assert "strongest first" in shown(view)
    await stage.workspace.submit(stage.ana, {"draft": "I love how you did this"})
    assert "NEGATIVE" not in shown(await result(stage, stage.ana, "POSITIVE"))
    assert all(stage.answers(stage.ana, channel) == [] for channel in stage.workspace.state.channels)


@pytest.mark.parametrize("text", ["...", "```code```", "\U0001f389" * 300, "good " * 100])
async def test_odd_drafts(stage: Stage, text: str) -> None:
    """A draft of nothing, or a long one, is answered like any other."""
    await stage.workspace.shortcut(stage.ana, CHECK_DRAFT)
    await stage.workspace.until(lambda: stage.workspace.modal(stage.ana))
    before = modal(stage, stage.ana).content["blocks"]
    assert (await stage.workspace.submit(stage.ana, {"draft": text})).ok
    assert len(modal(stage, stage.ana).content["blocks"]) > len(before)
    assert "went wrong" not in shown(modal(stage, stage.ana))


@pytest.fixture
def kept(tmp_path: Path) -> str:
    """Return the address of a database that can be looked into."""
    return f"sqlite:///{tmp_path}/kept.db"


def tallies(url: str) -> list[FeedbackCount]:
    """Return what people have told, as the command line would print it."""
    with open_database(url) as database:
        return [*database.run_sync(feedback.totals)]


async def test_feedback_on_a_public_answer(engine: Engine, kept: str) -> None:
    """👍 is thanked for and counted; a second person is told that it was; neither is remembered."""
    async with staged(engine, database_url=kept) as stage:
        await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} I love this secret team")
        answer = await stage.answer(stage.ben, stage.general)
        assert buttons(answer) == ["feedback_right", "feedback_wrong"]
        await stage.workspace.press(stage.ana, answer, "feedback_right")
        assert "Thank you. I store" in (await stage.answer(stage.ana, stage.general, 2)).text
        await stage.workspace.press(stage.ben, answer, "feedback_right")
        assert "already" in (await stage.answer(stage.ben, stage.general, 2)).text
    (tally,) = tallies(kept)
    assert (tally.given, tally.meant, tally.language, tally.count) == ("POSITIVE", "POSITIVE", "", 1)


async def test_telling_which_label_was_right(engine: Engine, kept: str) -> None:
    """👎 asks which label was right, offers the others, and counts that; neither the text nor who is kept."""
    async with staged(engine, database_url=kept) as stage:
        await stage.workspace.command(stage.ana, stage.general, "/sentiment", "I love this secret team")
        answer = await stage.answer(stage.ana, stage.general)
        await stage.workspace.press(stage.ana, answer, "feedback_wrong")
        view = await result(stage, stage.ana, "Which label")
        options = view.content["blocks"][0]["element"]["options"]
        assert [option["text"]["text"] for option in options] == ["🙁 NEGATIVE", "😐 NEUTRAL", "None of these"]
        assert (await stage.workspace.submit(stage.ana, {"meant": options[1]["value"]})).ok
        assert "Thank you" in shown(modal(stage, stage.ana))
        ana = stage.ana
    (tally,) = tallies(kept)
    assert (tally.given, tally.meant) == ("POSITIVE", "NEUTRAL")
    stored = Path(kept.removeprefix("sqlite:///")).read_bytes()  # noqa: ASYNC240 - a small file, in a test
    assert b"secret" not in stored
    assert ana.encode() not in stored


async def test_feedback_in_a_window(stage: Stage) -> None:
    """In a window 👍 is thanked for in place, and 👎 asks in a window on top."""
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful, calm release")
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
    view = await result(stage, stage.ana, "POSITIVE")
    await stage.workspace.press(stage.ana, view, "feedback_wrong")
    await result(stage, stage.ana, "Which label")
    await stage.workspace.dismiss(stage.ana)
    await stage.workspace.press(stage.ana, modal(stage, stage.ana), "feedback_right")
    thanked = await result(stage, stage.ana, "Thank you")
    assert "POSITIVE" in shown(thanked)
    assert [*interactive_elements(thanked.blocks)] == []
