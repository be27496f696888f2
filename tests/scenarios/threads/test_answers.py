"""How a thread went: answers to mentions and in the window of the shortcut."""

from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack import thread_reader
from bot.slack.features.threads import READ_THREAD, answers
from slack_emulator import ApiFault, EventFault
from tests.support.agent import ask
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.modals import view_text, wait_for_modal
from tests.support.processes import poll
from tests.support.reports import NEGATIVE_TEXT, POSITIVE_TEXT
from tests.support.threads import NAMES, add_thread, ask_in


@pytest.mark.parametrize("question", ["thread", "how did this thread go?", "How is this thread going"])
async def test_turn(bot: RunningBot, question: str) -> None:
    """The answer has the course, where it turned, and links to the messages around the turn, for the asker alone."""
    thread = add_thread(bot, "p" * 12 + "n" * 12)
    answer = await ask_in(bot, thread[0], question)
    assert answer.thread_ts == thread[0]
    assert answer.text == "Negative messages rose from 0 % to 100 % after the first 12 of 24."
    text = text_in(answer)
    assert "⬜⬜⬜⬜⬜⬜🟥🟥🟥🟥🟥🟥" in text
    assert "In quarters of the thread: 0 %, 0 %, 100 %, 100 %" in text
    assert "50 % of 24 messages by 3 people" in text
    assert [f"/p{ts.replace('.', '')}" in text for ts in thread[10:15]] == [False, True, True, True, False]
    assert bot.answers(bot.ben, bot.general) == []


async def test_privacy_of_the_answer(bot: RunningBot) -> None:
    """The answer quotes nothing and names nobody."""
    thread = add_thread(bot, "p" * 12 + "n" * 12)
    text = text_in(await ask_in(bot, thread[0]))
    assert not any(words in text for words in (NEGATIVE_TEXT, POSITIVE_TEXT, "<@", *NAMES))


@pytest.mark.parametrize(
    ("labels", "why"), [("nnnnppppnnnn", "one change that is more than chance, and none"), ("ppnn", "that takes 10")]
)
async def test_no_turn(bot: RunningBot, labels: str, why: str) -> None:
    """Where no change stands out, the answer says so and why."""
    answer = await ask_in(bot, add_thread(bot, labels)[0])
    assert f" of {len(labels)} messages by 3 people are negative; no clear change." in answer.text
    assert why in text_in(answer)
    assert "/archives/" not in text_in(answer)


async def test_opted_out(bot: RunningBot) -> None:
    """Messages of people who opted out are left out, and counted as such."""
    await bot.workspace.command(bot.ben, bot.general, "/sentiment", "optout")
    await bot.wait_for_answer(bot.ben, bot.general)
    answer = await ask_in(bot, add_thread(bot, "pnppnp")[0])
    assert answer.text.startswith("0 % of 4 messages by 2 people")
    assert "Left out: 2 messages by 1 person who opted out." in text_in(answer)


async def test_nothing_to_read(bot: RunningBot) -> None:
    """A thread of apps, a mention outside threads and the slash command have answers of their own."""
    outside = await ask_in(bot, None)
    assert "This is not a thread" in outside.text
    command = await bot.run_command("thread")
    assert "don't work inside a thread" in command.text
    app = bot.workspace.messages.post(bot.workspace.state.channels[bot.general], bot.workspace.bot_user_id, "Hello")
    assert "fewer than two" in (await ask_in(bot, app.ts)).text


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        ("thread_not_found", "can't see that thread"),
        ("not_in_channel", "not in that channel"),
        ("missing_scope", "can't read that conversation"),
        ("odd", "went wrong"),
    ],
)
async def test_refusal(bot: RunningBot, error: str, answer: str) -> None:
    """What Slack refuses is explained."""
    thread = add_thread(bot, "pn")
    bot.workspace.faults.add(ApiFault("conversations.replies", error=error))
    assert answer in (await ask_in(bot, thread[0])).text


async def test_progress(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a long thread is read, the asker is told so, once."""
    monkeypatch.setattr(answers, "PROGRESS_SECONDS", 0.0)
    thread = add_thread(bot, "pn" * 40)
    progress = await ask_in(bot, thread[0])
    assert "takes some seconds" in progress.text
    assert progress.thread_ts == thread[0]
    answer = await bot.wait_for_answer(bot.ana, bot.general, 2)
    assert "no clear change" in answer.text
    assert bot.answers(bot.ben, bot.general) == []


async def test_shortcut(bot: RunningBot) -> None:
    """The shortcut on any message of a thread shows the same in a window; on a message without replies it says so."""
    thread = add_thread(bot, "p" * 12 + "n" * 12, people=5)
    assert (await bot.workspace.shortcut(bot.ana, READ_THREAD, channel=bot.general, ts=thread[5])).ok
    view = await wait_for_modal(bot, bot.ana, "Negative messages rose")
    assert "⬜⬜⬜⬜⬜⬜🟥🟥🟥🟥🟥🟥" in view_text(view)
    alone = await bot.workspace.post(bot.ben, bot.general, POSITIVE_TEXT)
    await bot.workspace.shortcut(bot.ana, READ_THREAD, channel=bot.general, ts=alone)
    await wait_for_modal(bot, bot.ana, "no replies")


async def test_shortcut_without_the_bot(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    """In a channel that the bot is not a member of, the window says how to invite it, and the log has no error."""
    lonely = bot.workspace.channel_id("lonely")
    ts = await bot.workspace.post(bot.ana, lonely, POSITIVE_TEXT)
    await bot.workspace.shortcut(bot.ana, READ_THREAD, channel=lonely, ts=ts)
    await wait_for_modal(bot, bot.ana, "Invite me")
    assert "conversations.replies failed: not_in_channel" in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(
    "text", ["/sentiment thread", "so, how did this thread go?", "이 스레드 어땠어?", "thread report"]
)
async def test_plain_variants(bot: RunningBot, text: str) -> None:
    """The question may be put as people do; the course is for the asker alone."""
    thread = add_thread(bot, "pnpn")
    assert "50 % of 4 messages" in (await ask_in(bot, thread[0], text)).text
    assert bot.answers(bot.ben, bot.general) == []


@pytest.mark.parametrize("text", ["thred", "threads", "How did this thraed go?"])
async def test_mistyped(bot: RunningBot, text: str) -> None:
    """A mistyped question is answered with a suggestion, in private, and its button with the course of the thread."""
    question = await ask_in(bot, add_thread(bot, "pnpn")[0], text)
    assert "Did you mean" in question.text
    assert bot.answers(bot.ben, bot.general) == []
    await bot.workspace.press(bot.ana, question, "run_command_0")
    await bot.workspace.until(lambda: "50 % of 4 messages" in bot.answers(bot.ana, bot.general)[-1].text)
    assert "Did you mean" in (await bot.run_command(text)).text


async def test_direct_message(engine: Engine) -> None:
    """A direct message is not read as a thread, but answered with how to ask."""
    async with run_bot(engine, ("threads",)) as bot:
        first = await bot.workspace.post(bot.ana, bot.dm, POSITIVE_TEXT)
        await bot.wait_for_answer(bot.ana, bot.dm)
        for number, (text, thread_ts) in enumerate((("/sentiment thread", None), ("thread", first)), 2):
            await bot.workspace.post(bot.ana, bot.dm, text, thread_ts=thread_ts)
            answer = await bot.wait_for_answer(bot.ana, bot.dm, number)
            assert "Mention me with `thread`" in answer.text


async def test_long_thread(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the newest messages are read, the place of the change is said to be among these."""
    monkeypatch.setattr(thread_reader, "MAX_MESSAGES", 25)
    answer = await ask_in(bot, add_thread(bot, "p" * 13 + "n" * 12)[0])
    assert answer.text == "Negative messages rose from 0 % to 100 % after the first 12 of the newest 24."


async def test_switched_off(engine: Engine) -> None:
    """Without the feature, the mention, the command and the agent say how to switch it on."""
    async with run_bot(engine, ("agent",)) as bot:
        thread = add_thread(bot, "pn")
        assert "add `threads` to `FEATURES`" in (await ask_in(bot, thread[0])).text
        await bot.workspace.look_at(bot.ana, bot.general, thread[0])
        await bot.wait_until_processed()
        assert "add `threads` to `FEATURES`" in (await ask(bot, "How did this thread go?")).text


async def test_missed_question(engine: Engine, tmp_path: Path) -> None:
    """A question that was sent while the bot was away is answered after, once."""
    async with run_bot(engine, ("threads",), f"sqlite:///{tmp_path}/bot.db") as bot:
        workspace = bot.workspace
        thread = add_thread(bot, "p" * 12 + "n" * 12)
        workspace.faults.add(EventFault(lost=True, times=None))
        await workspace.post(bot.ana, bot.general, f"{bot.mention} thread", thread_ts=thread[0])
        await poll(lambda: workspace.delivery.idle)
        workspace.faults.events.clear()
        for _ in range(2):
            await app.caught_up(bot.settings, engine, 1, FAST_TIMING)
        (answer,) = bot.answers(bot.ana, bot.general)
        assert answer.text.startswith("Negative messages rose")
        assert answer.thread_ts == thread[0]


async def test_plain_blocks(bot: RunningBot) -> None:
    """The answer has only blocks that every workspace shows."""
    thread = add_thread(bot, "p" * 12 + "n" * 12)
    usual = await ask_in(bot, thread[0])
    assert {block["type"] for block in usual.blocks} <= {"section", "context", "actions"}
