"""The agent view: prompts, answers in threads, suggestions, and titles."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.features.agent.intents import Intent
from slack_emulator import ApiFault, EventFault, View
from slack_emulator.state.models import Session
from tests.support.agent import READ_THIS, add_history, ask, session, wait_for_report
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.modals import buttons, view_text, wait_for_modal
from tests.support.processes import poll


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with the agent view, and with reports."""
    async with run_bot(engine, ("agent", "watching")) as bot:
        yield bot


async def test_opening_it_suggests_prompts(bot: RunningBot) -> None:
    """Opening the agent suggests what it can do, and each prompt is understood."""
    await bot.workspace.open_home(bot.ana, "messages")
    shown = await bot.workspace.until(lambda: bot.workspace.state.prompts.get(bot.dm))
    suggested = [intent.value for intent in Intent if intent is not Intent.THREAD]  # Slack shows four at most
    assert [prompt["message"] for prompt in shown["prompts"]] == suggested
    for prompt, words in zip(
        shown["prompts"], ("Send me the text", "Open a", "Send me the draft", "*You"), strict=True
    ):
        assert words in text_in(await ask(bot, prompt["message"]))
    assert bot.workspace.home(bot.ana) is None


async def test_a_text(bot: RunningBot) -> None:
    """A text is analysed in its thread, and gives the conversation a title without its words; so does a reply."""
    answer = await ask(bot, "I love this wonderful day")
    assert answer.text.startswith("Positive")
    await bot.workspace.until(lambda: session(bot, answer) == Session("active", "How a text reads"))
    again = await ask(bot, "I hate this", thread_ts=answer.thread_ts)
    assert again.text.startswith("Negative")


@pytest.mark.parametrize(("text", "title"), [("help", "Help"), ("optout", "A command"), ("Check a draft", "A draft")])
async def test_titles(bot: RunningBot, text: str, title: str) -> None:
    """The title of a conversation says what it is about."""
    answer = await ask(bot, text)
    await bot.workspace.until(lambda: session(bot, answer).title == title)


async def test_question_in_the_thread_of_a_draft(bot: RunningBot) -> None:
    """Below a draft, "this message" is the one that is open beside the agent, and the answers say so."""
    instructions = await ask(bot, Intent.DRAFT.value)
    assert "is about the one that is open beside me" in text_in(instructions)
    await ask(bot, "I hate this", thread_ts=instructions.thread_ts)
    for question, words in (("How does this message read?", "I analyse a draft when"), ("and this?", "Open a channel")):
        assert words in text_in(await ask(bot, question, thread_ts=instructions.thread_ts))


async def test_questions_are_named(bot: RunningBot) -> None:
    """The help and App Home name the questions."""
    assert "“What do you keep about me?”" in text_in(await bot.run_command("help")) + view_text(await every_way(bot))
    await bot.workspace.open_home(bot.ana)
    home = await bot.workspace.until(lambda: bot.workspace.home(bot.ana))
    assert "“How does #general read in the last 30 days?”" in view_text(home)


async def every_way(bot: RunningBot) -> View:
    """Open the whole help, and return its window."""
    await bot.workspace.press(bot.ana, bot.answers(bot.ana, bot.general)[-1], "show_help")
    return await wait_for_modal(bot, bot.ana, "top bar")


@pytest.mark.parametrize("text", ["Check a draft: I hate this so much", "Analyse this text:\nI hate this so much"])
async def test_a_text_in_an_edited_prompt(bot: RunningBot, text: str) -> None:
    """What follows the words of a prompt is analysed, without them."""
    assert (await ask(bot, text)).text == (await ask(bot, "I hate this so much")).text


@pytest.mark.parametrize("draft", ["optout", "help", "report 7d", "tokens"])
async def test_a_draft_that_is_a_command(bot: RunningBot, draft: str) -> None:
    """The text of a draft is only analysed, even if it has the words of a command."""
    answer = await ask(bot, f"{Intent.DRAFT.value}: {draft}")
    assert answer.text.startswith(("Positive", "Neutral", "Negative"))
    assert "You have not opted out" in text_in(await ask(bot, Intent.STORED.value))


async def test_message_beside_the_agent(bot: RunningBot) -> None:
    """The message that a person is looking at is analysed for them, without a button to share the result."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
    await bot.workspace.look_at(bot.ana, bot.general, ts)
    answer = await ask(bot, READ_THIS)
    assert answer.text.startswith("Negative")
    assert "this message" in text_in(answer)
    assert buttons(answer) == ["show_tokens", "feedback"]
    await bot.workspace.until(lambda: session(bot, answer).title == "How a message reads")
    await bot.workspace.press(bot.ana, answer, "show_tokens")
    await bot.workspace.until(lambda: "the odds of" in text_in(bot.workspace.message(bot.dm, answer.ts)))
    assert buttons(bot.workspace.message(bot.dm, answer.ts)) == ["feedback"]
    assert bot.answers(bot.ben, bot.general) == []


async def test_stored_data(bot: RunningBot) -> None:
    """What is stored is told, with whether the person has opted out."""
    question = Intent.STORED.value
    assert "You have not opted out" in text_in(await ask(bot, question))
    await ask(bot, "optout")
    answer = text_in(await ask(bot, question))
    assert "You have opted out" in answer
    assert "No text, ever" in answer


async def test_suggestion(bot: RunningBot) -> None:
    """A mistyped question is suggested, and answered in the same thread once the button is pressed."""
    add_history(bot)
    await bot.workspace.look_at(bot.ana, bot.general)
    suggestion = await ask(bot, "how dos this chanel read")
    assert "Did you mean “How does this channel read?”" in text_in(suggestion)
    before = len(bot.answers(bot.ana, bot.dm))
    await asyncio.gather(*(bot.workspace.press(bot.ana, suggestion, "run_request") for _ in range(2)))
    report = await wait_for_report(bot, await bot.wait_for_answer(bot.ana, bot.dm, before + 1))
    assert report.thread_ts == suggestion.thread_ts
    assert "42 messages" in text_in(report)
    assert session(bot, report).title == "How #general reads"


async def test_text_instead_of_a_suggestion(bot: RunningBot) -> None:
    """The other button analyses the text; as in every answer of the agent, there is no button to share the result."""
    suggestion = await ask(bot, "chek my dratf")
    await bot.workspace.press(bot.ana, suggestion, "analyze_text")
    result = await bot.workspace.until(
        lambda: "%" in (now := bot.workspace.message(bot.dm, suggestion.ts)).text and now
    )
    assert "share" not in buttons(result)
    await bot.workspace.press(bot.ana, result, "show_tokens")
    await bot.workspace.until(lambda: "show_tokens" not in buttons(bot.workspace.message(bot.dm, suggestion.ts)))
    assert "share" not in buttons(bot.workspace.message(bot.dm, suggestion.ts))


async def test_title_of_an_earlier_conversation(bot: RunningBot) -> None:
    """Later requests in a conversation, also by a suggestion, leave its title as it is."""
    first = await ask(bot, "I love this")
    await ask(bot, Intent.STORED.value, thread_ts=first.thread_ts)
    suggestion = await ask(bot, "chek my dratf", thread_ts=first.thread_ts)
    before = len(bot.answers(bot.ana, bot.dm))
    await bot.workspace.press(bot.ana, suggestion, "run_request")
    await bot.wait_for_answer(bot.ana, bot.dm, before + 1)
    await bot.wait_until_processed()
    assert session(bot, suggestion) == Session("active", "How a text reads")


@pytest.mark.parametrize("error", ["feature_disabled", "not_authorized", "missing_scope", "unknown_method"])
async def test_refused_calls(bot: RunningBot, error: str, caplog: pytest.LogCaptureFixture) -> None:
    """A workspace without agent sessions gets the same answers; the refusal is logged once."""
    add_history(bot)
    for method in ("agents.*", "assistant.*"):
        bot.workspace.faults.add(ApiFault(method, error=error, times=None))
    await bot.workspace.open_home(bot.ana, "messages")
    for _ in range(2):
        await bot.workspace.look_at(bot.ana, bot.general)
        assert "42 messages" in text_in(await wait_for_report(bot, await ask(bot, READ_THIS)))
    logged = [record.getMessage() for record in caplog.records]
    assert len([line for line in logged if line.startswith("agents.sessions.setStatus failed")]) == 1


async def test_delivered_twice(bot: RunningBot) -> None:
    """A message that Slack delivers twice is answered once."""
    bot.workspace.faults.add(EventFault("message", copies=2, times=None))
    add_history(bot)
    await bot.workspace.look_at(bot.ana, bot.general)
    await wait_for_report(bot, await ask(bot, READ_THIS))
    await ask(bot, Intent.STORED.value)
    await bot.assert_answer_count(2, bot.ana, bot.dm)


async def test_switched_off(engine: Engine) -> None:
    """Without the feature, the same words are a text, which is answered next to the message."""
    async with run_bot(engine, ("watching",)) as bot:
        await bot.workspace.look_at(bot.ana, bot.general)
        await bot.workspace.open_home(bot.ana, "messages")
        await bot.workspace.post(bot.ana, bot.dm, READ_THIS)
        answer = await bot.wait_for_answer(bot.ana, bot.dm)
        assert (answer.text.split()[0], answer.thread_ts) == ("Neutral", None)
        called = {entry.name for entry in bot.workspace.log}
        assert not [name for name in called if name.startswith(("agents.", "assistant.", "app_context"))]


async def test_missed_messages(engine: Engine, tmp_path: Path) -> None:
    """After an absence, messages and replies that were missed are answered in their threads, once."""
    url, features = f"sqlite:///{tmp_path}/bot.db", ("agent", "watching")
    async with run_bot(engine, features, url) as bot:
        workspace = bot.workspace
        first = await ask(bot, "I love this")
        workspace.faults.add(EventFault(lost=True, times=None))
        question = await workspace.post(bot.ana, bot.dm, Intent.STORED.value)
        reply = await workspace.post(bot.ana, bot.dm, "I hate this", thread_ts=first.thread_ts)
        await poll(lambda: workspace.delivery.idle)
        workspace.faults.events.clear()
        for _ in range(2):
            await app.caught_up(bot.settings, engine, 1, FAST_TIMING)
        answers = {m.thread_ts: m for m in bot.answers(bot.ana, bot.dm)[1:]}
        assert len(bot.answers(bot.ana, bot.dm)) == 3
        assert "What I store" in answers[question].text
        assert answers[first.thread_ts].text.startswith("Negative")
        assert answers[first.thread_ts].ts > reply
