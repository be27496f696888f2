"""What is shared of the course of a thread, and by whom."""

from bot.slack.features.threads import READ_THREAD
from bot.slack.features.threads.blocks import SHARE_COURSE
from slack_emulator import ApiFault
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.modals import buttons, current_modal, wait_for_modal
from tests.support.threads import add_thread, ask_in


async def test_share(bot: RunningBot) -> None:
    """The button posts the course in the thread, once: in parts of ten messages, without its turn and figures."""
    thread = add_thread(bot, "p" * 12 + "n" * 12, people=6)
    answer = await ask_in(bot, thread[0])
    await bot.workspace.press(bot.ana, answer, SHARE_COURSE)
    shared = await bot.wait_for_answer(bot.ben, bot.general)
    assert shared.thread_ts == thread[0]
    text = text_in(shared)
    assert f"Shared by <@{bot.ana}>" in text
    assert "⬜🟥" in text
    assert "%" not in text
    assert "/archives/" not in text
    assert "rose" not in text
    await bot.workspace.press(bot.ana, answer, SHARE_COURSE)
    await bot.workspace.until(lambda: "already" in bot.answers(bot.ana, bot.general)[-1].text)
    assert len(bot.answers(bot.ben, bot.general)) == 1


async def test_share_from_the_window(bot: RunningBot) -> None:
    """The window has the button, too, and says that the course has been shared."""
    thread = add_thread(bot, "pn" * 5, people=5)
    await bot.workspace.shortcut(bot.ana, READ_THREAD, channel=bot.general, ts=thread[0])
    await wait_for_modal(bot, bot.ana, "no clear change")
    await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), SHARE_COURSE)
    assert (await bot.wait_for_answer(bot.ben, bot.general)).thread_ts == thread[0]
    await wait_for_modal(bot, bot.ana, "Shared in the thread")


async def test_share_from_the_window_while_the_connection_breaks(bot: RunningBot) -> None:
    """What is shared from the window is posted, once, if the connection breaks before or after Slack accepts it."""
    for number, applied in enumerate((False, True), 1):
        thread = add_thread(bot, "pn" * 5, people=5)
        await bot.workspace.shortcut(bot.ana, READ_THREAD, channel=bot.general, ts=thread[0])
        await wait_for_modal(bot, bot.ana, "no clear change")
        bot.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=applied))
        await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), SHARE_COURSE)
        await wait_for_modal(bot, bot.ana, "Shared in the thread")
        assert len(bot.answers(bot.ben, bot.general)) == number


async def test_few_people_are_not_shared(bot: RunningBot) -> None:
    """Below five people or ten messages there is a reason and no button; nor if somebody has opted out since."""
    for labels, people in (("pn" * 6, 4), ("pn" * 4, 5)):
        answer = await ask_in(bot, add_thread(bot, labels, people)[0])
        assert SHARE_COURSE not in buttons(answer)
        assert "once I have read 10 messages by 5 people" in text_in(answer)
    answer = await ask_in(bot, add_thread(bot, "pnpnp" * 2, people=5)[0])
    await bot.workspace.command(bot.ben, bot.general, "/sentiment", "optout")
    await bot.wait_for_answer(bot.ben, bot.general)
    await bot.workspace.press(bot.ana, answer, SHARE_COURSE)
    await bot.workspace.until(lambda: "once I have read 10 messages" in bot.answers(bot.ana, bot.general)[-1].text)
    assert len(bot.answers(bot.chloe, bot.general)) == 0
