"""How a thread went: by mention, by shortcut and in the agent view; and what is shared of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack import thread_reader
from bot.slack.features.threads import READ_THREAD, answers
from bot.slack.features.threads.blocks import SHARE_COURSE
from slack_emulator import ApiFault, EventFault, Message
from slack_emulator.state.models import Session
from tests.support.agent import ask, session
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.modals import buttons, current_modal, view_text, wait_for_modal
from tests.support.processes import poll
from tests.support.reports import NEGATIVE_TEXT, POSITIVE_TEXT

NAMES = ("ana", "ben", "chloe")
NO_SESSION = Session("none")


@pytest.fixture(autouse=True)
def _no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show no progress, however slow the machine is."""
    monkeypatch.setattr(answers, "PROGRESS_SECONDS", 60.0)


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with answers about threads and the agent view."""
    async with run_bot(engine, ("agent", "threads")) as bot:
        yield bot


def add_thread(bot: RunningBot, labels: str, people: int = 3) -> list[str]:
    """Add a thread to #general, with a negative message for each ``n``; return the timestamps."""
    channel = bot.workspace.state.channels[bot.general]
    users = [bot.workspace.user_id(name) for name in NAMES]
    for number in range(len(users), people):
        users.append(bot.workspace.members.add_person(f"person{number}", f"Person {number}").id)
        channel.members.append(users[-1])
    found: list[str] = []
    for number, label in enumerate(labels):
        text = NEGATIVE_TEXT if label == "n" else POSITIVE_TEXT
        first = found[0] if found else None
        found.append(bot.workspace.messages.post(channel, users[number % people], text, thread_ts=first).ts)
    return found


async def ask_in(bot: RunningBot, thread: str | None, text: str = "thread") -> Message:
    """Ask as Ana in a thread of #general; return the answer."""
    before = len(bot.answers(bot.ana, bot.general))
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {text}", thread_ts=thread)
    answer = await bot.wait_for_answer(bot.ana, bot.general, before + 1)
    assert_valid_blocks(answer.blocks)
    return answer


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
    assert "fewer than two messages" in (await ask_in(bot, app.ts)).text


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
        assert "Sharing takes 10 messages by 5 people" in text_in(answer)
    answer = await ask_in(bot, add_thread(bot, "pnpnp" * 2, people=5)[0])
    await bot.workspace.command(bot.ben, bot.general, "/sentiment", "optout")
    await bot.wait_for_answer(bot.ben, bot.general)
    await bot.workspace.press(bot.ana, answer, SHARE_COURSE)
    await bot.workspace.until(lambda: "Sharing takes 10 messages" in bot.answers(bot.ana, bot.general)[-1].text)
    assert len(bot.answers(bot.chloe, bot.general)) == 0


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
            assert "mention me with `thread`" in answer.text


async def test_long_thread(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the newest messages are read, the place of the change is said to be among these."""
    monkeypatch.setattr(thread_reader, "MAX_MESSAGES", 25)
    answer = await ask_in(bot, add_thread(bot, "p" * 13 + "n" * 12)[0])
    assert answer.text == "Negative messages rose from 0 % to 100 % after the first 12 of the newest 24."


async def test_suggested_beside_a_thread(bot: RunningBot) -> None:
    """The agent suggests the question while a thread is open beside it."""

    def is_suggested() -> bool:
        prompts = bot.workspace.state.prompts.get(bot.dm, {}).get("prompts", [])
        return "How did this thread go?" in [prompt["message"] for prompt in prompts]

    thread = add_thread(bot, "pn")
    await bot.workspace.look_at(bot.ana, bot.general, thread[0])
    await bot.workspace.until(is_suggested)
    await bot.workspace.look_at(bot.ana, bot.general)
    await bot.workspace.until(lambda: not is_suggested())


async def test_agent(bot: RunningBot) -> None:
    """In the agent view the question is about the thread that is open beside it; without one, the bot asks."""
    question = "How did the thread I am looking at go?"
    assert "Open that thread beside me" in (await ask(bot, question)).text
    thread = add_thread(bot, "p" * 12 + "n" * 12)
    await bot.workspace.look_at(bot.ana, bot.general, thread[3])
    await bot.wait_until_processed()
    answer = await ask(bot, question)
    assert "Negative messages rose" in answer.text
    for text in (
        "thread",
        "/sentiment thread",
        "How does this thread read?",
        "Analyse this thread",
        "이 스레드 분위기 어때?",
    ):
        assert "Negative messages rose" in (await ask(bot, text, thread_ts=answer.thread_ts)).text


async def test_stop(bot: RunningBot) -> None:
    """The stop button of the agent view ends the reading of a thread."""
    thread = add_thread(bot, "pn")
    await bot.workspace.look_at(bot.ana, bot.general, thread[0])
    await bot.wait_until_processed()
    bot.workspace.faults.add(ApiFault("conversations.replies", wait=60))
    question = await bot.workspace.post(bot.ana, bot.dm, "How did this thread go?")
    await bot.workspace.until(lambda: bot.workspace.state.sessions.get((bot.dm, question), NO_SESSION).status != "none")
    await bot.workspace.stop_session(bot.ana, question)
    answer = await bot.wait_for_answer(bot.ana, bot.dm)
    assert "Stopped" in answer.text
    assert answer.thread_ts == question
    await bot.workspace.until(lambda: session(bot, answer).status == "active")


async def test_agent_elsewhere(bot: RunningBot) -> None:
    """A thread in a channel that the person is not a member of is not read."""
    thread = add_thread(bot, "pn")
    await bot.workspace.look_at(bot.ana, bot.general, thread[0])
    bot.workspace.state.channels[bot.general].members.remove(bot.ana)
    await bot.wait_until_processed()
    assert "can't find that channel" in (await ask(bot, "how is this thread going?")).text


async def test_switched_off(engine: Engine) -> None:
    """Without the feature, the mention, the command and the agent say how to switch it on."""
    async with run_bot(engine, ("agent",)) as bot:
        thread = add_thread(bot, "pn")
        assert "FEATURES=threads" in (await ask_in(bot, thread[0])).text
        await bot.workspace.look_at(bot.ana, bot.general, thread[0])
        await bot.wait_until_processed()
        assert "FEATURES=threads" in (await ask(bot, "How did this thread go?")).text


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
