"""How a thread went, in the agent view."""

from slack_emulator import ApiFault
from slack_emulator.state.models import Session
from tests.support.agent import ask, session
from tests.support.bot_in_emulator import RunningBot
from tests.support.threads import add_thread

NO_SESSION = Session("none")


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
