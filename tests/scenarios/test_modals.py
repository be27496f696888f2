"""Modals: the message shortcut, drafts, and feedback."""

from pathlib import Path

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE, CHECK_DRAFT
from bot.store import feedback
from bot.store.database import open_database
from bot.store.feedback import FeedbackCount
from slack_emulator import ApiFault
from slack_emulator.payloads.elements import interactive_elements
from tests.support.bot_in_emulator import RunningBot, run_bot
from tests.support.modals import buttons, current_modal, rate, view_text, wait_for_modal


async def test_message_shortcut(bot: RunningBot) -> None:
    """The message shortcut opens a modal for the user alone, with the text, the result and the breakdown."""
    ts = await bot.workspace.post(bot.ben, bot.general, "What a *wonderful*, calm release")
    assert (await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)).ok
    view = await wait_for_modal(bot, bot.ana, "Positive")
    assert "wonderful" in view_text(view)
    assert "the odds of" in view_text(view)
    assert bot.workspace.modal(bot.ben) is None
    assert bot.answers(bot.ana, bot.general) == []


async def test_message_in_a_channel_without_the_bot(bot: RunningBot) -> None:
    """The shortcut works in a channel that the bot is not a member of, since its payload has the message."""
    lonely = bot.workspace.channel_id("lonely")
    assert bot.workspace.bot_user_id not in bot.workspace.state.channels[lonely].members
    parent = await bot.workspace.post(bot.ana, lonely, "hello")
    ts = await bot.workspace.post(bot.ana, lonely, "I hate this so much", thread_ts=parent)
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=lonely, ts=ts)
    await wait_for_modal(bot, bot.ana, "Negative")


async def test_message_with_blocks_only(bot: RunningBot) -> None:
    """A message without a text is classified by the text in its blocks."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "The build *failed* again, this is terrible"}}
    channel = bot.workspace.state.channels[bot.general]
    message = bot.workspace.messages.post(channel, bot.ben, "", blocks=[block])
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=message.ts)
    await wait_for_modal(bot, bot.ana, "Negative")


async def test_own_message(bot: RunningBot) -> None:
    """The bot does not classify its own messages."""
    await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} I love this")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=answer.ts)
    await wait_for_modal(bot, bot.ana, "my own")


async def test_expired_trigger_id(bot: RunningBot) -> None:
    """If the trigger_id has expired, the user gets one sentence."""
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful release")
    bot.workspace.faults.add(ApiFault("views.open", error="expired_trigger_id"))
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    assert "three seconds" in (await bot.wait_for_answer(bot.ana, bot.general)).text
    bot.workspace.faults.add(ApiFault("views.open", error="expired_trigger_id"))
    await bot.workspace.shortcut(bot.ana, CHECK_DRAFT)
    assert "three seconds" in (await bot.wait_for_answer(bot.ana, bot.dm)).text


async def test_modal_closed_early(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    """A modal that was closed before the result is there logs no error."""
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful release")
    bot.workspace.faults.add(ApiFault("views.update", error="not_found"))
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    await bot.assert_answer_count(0, bot.ana, bot.general)
    assert caplog.text == ""


async def test_draft(bot: RunningBot) -> None:
    """The result of a draft is shown below the text in the same modal, where it can be edited; nothing is posted."""
    assert (await bot.workspace.shortcut(bot.ana, CHECK_DRAFT)).ok
    await bot.workspace.until(lambda: bot.workspace.modal(bot.ana))
    assert (await bot.workspace.submit(bot.ana, {"draft": "I hate how you did <this> :rage:"})).ok
    view = await wait_for_modal(bot, bot.ana, "Negative")
    assert view.content["blocks"][0]["element"]["initial_value"] == "I hate how you did <this> :rage:"
    assert "the odds of" in view_text(view)
    await bot.workspace.submit(bot.ana, {"draft": "I love how you did this"})
    assert "Negative" not in view_text(await wait_for_modal(bot, bot.ana, "Positive"))
    assert all(bot.answers(bot.ana, channel) == [] for channel in bot.workspace.state.channels)


@pytest.mark.parametrize("text", ["...", "```code```", "\U0001f389" * 300, "good " * 100])
async def test_unusual_drafts(bot: RunningBot, text: str) -> None:
    """Drafts without words and long drafts are answered."""
    await bot.workspace.shortcut(bot.ana, CHECK_DRAFT)
    await bot.workspace.until(lambda: bot.workspace.modal(bot.ana))
    before = current_modal(bot, bot.ana).content["blocks"]
    assert (await bot.workspace.submit(bot.ana, {"draft": text})).ok
    assert current_modal(bot, bot.ana).content["blocks"][1:] != before[1:]
    assert "went wrong" not in view_text(current_modal(bot, bot.ana))


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Return the URL of a database in a file."""
    return f"sqlite:///{tmp_path}/bot.db"


def feedback_counts(url: str) -> list[FeedbackCount]:
    """Return the feedback in the database."""
    with open_database(url) as database:
        return [*database.run_sync(feedback.totals)]


async def test_feedback_on_a_public_answer(engine: Engine, database_url: str) -> None:
    """👍 is counted once for a result; a second user is told that it has been rated."""
    async with run_bot(engine, database_url=database_url) as bot:
        await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} I love this secret team")
        answer = await bot.wait_for_answer(bot.ben, bot.general)
        assert buttons(answer) == ["feedback"]
        await rate(bot, bot.ana, answer, right=True)
        thanks = await bot.wait_for_answer(bot.ana, bot.general, 2)
        assert "Thank you. I store" in thanks.text
        assert thanks.thread_ts == answer.thread_ts  # where the button was pressed
        await rate(bot, bot.ben, answer, right=True)
        assert "already" in (await bot.wait_for_answer(bot.ben, bot.general, 2)).text
        await rate(bot, bot.ana, answer, right=True)
        assert "has been rated already" in (await bot.wait_for_answer(bot.ana, bot.general, 3)).text
        await rate(bot, bot.ana, answer, right=False)
        assert "has been rated already" in (await bot.wait_for_answer(bot.ana, bot.general, 4)).text
        assert bot.workspace.modal(bot.ana) is None
    (total,) = feedback_counts(database_url)
    assert (total.given, total.meant, total.language, total.count) == ("POSITIVE", "POSITIVE", "", 1)


async def test_changed_mind(bot: RunningBot) -> None:
    """Who has rated an answer of their own is told so at once, also if they press the other button."""
    answer = await bot.run_command("I love this team")
    await bot.workspace.press(bot.ana, answer, "feedback_right")
    await bot.wait_for_answer(bot.ana, bot.general, 2)
    await bot.workspace.press(bot.ana, answer, "feedback_wrong")
    assert "You have rated" in (await bot.wait_for_answer(bot.ana, bot.general, 3)).text
    assert bot.workspace.modal(bot.ana) is None


async def test_correction(engine: Engine, database_url: str) -> None:
    """👎 asks for the right label and counts it; neither the text nor the user is stored."""
    async with run_bot(engine, database_url=database_url) as bot:
        await bot.workspace.command(bot.ana, bot.general, "/sentiment", "I love this secret team")
        answer = await bot.wait_for_answer(bot.ana, bot.general)
        await bot.workspace.press(bot.ana, answer, "feedback_wrong")
        view = await wait_for_modal(bot, bot.ana, "Which label")
        options = view.content["blocks"][0]["element"]["options"]
        assert [option["text"]["text"] for option in options] == ["🙁 Negative", "😐 Neutral", "None of these"]
        assert (await bot.workspace.submit(bot.ana, {"meant": options[1]["value"]})).ok
        assert "Thank you" in view_text(current_modal(bot, bot.ana))
        ana = bot.ana
    (total,) = feedback_counts(database_url)
    assert (total.given, total.meant) == ("POSITIVE", "NEUTRAL")
    stored = Path(database_url.removeprefix("sqlite:///")).read_bytes()  # noqa: ASYNC240 - a small file, in a test
    assert b"secret" not in stored
    assert ana.encode() not in stored


async def test_feedback_in_a_modal(bot: RunningBot) -> None:
    """In a modal, 👍 is acknowledged in place, and 👎 pushes a second modal."""
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful, calm release")
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    view = await wait_for_modal(bot, bot.ana, "Positive")
    await bot.workspace.press(bot.ana, view, "feedback_wrong")
    await wait_for_modal(bot, bot.ana, "Which label")
    await bot.workspace.dismiss(bot.ana)
    await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), "feedback_right")
    view = await wait_for_modal(bot, bot.ana, "Thank you")
    assert "Positive" in view_text(view)
    assert [*interactive_elements(view.blocks)] == []
