"""The agent view: prompts, context, answers in threads, status and title."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.client.slack_client import MessageRef
from bot.slack.features.agent.intents import Intent
from slack_emulator import ApiFault, EventFault, Message
from slack_emulator.state.models import Session
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.modals import buttons
from tests.support.processes import poll
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NOW, POSITIVE_TEXT, other_reporter, set_clock
from tests.support.watching import watch

READ_THIS = "How does this read?"
CHANNEL_TYPE, MESSAGE_TYPE = "slack#/types/channel_id", "slack#/types/message_context"


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with the agent view, and with reports."""
    async with run_bot(engine, ("agent", "watching")) as bot:
        yield bot


async def ask(bot: RunningBot, text: str, *, user: str | None = None, thread_ts: str | None = None) -> Message:
    """Write to the agent, and return the answer."""
    user = user or bot.ana
    dm = bot.workspace.state.dm(user).id
    before = len(bot.answers(user, dm))
    ts = await bot.workspace.post(user, dm, text, thread_ts=thread_ts)
    answer = await bot.wait_for_answer(user, dm, before + 1)
    assert answer.thread_ts == (thread_ts or ts)
    assert_valid_blocks(answer.blocks)
    await bot.wait_until_processed()
    return answer


def session(bot: RunningBot, answer: Message) -> Session:
    """Return the session of the conversation that an answer is in."""
    return bot.workspace.state.sessions.get((answer.channel, answer.thread_ts or ""), Session("none"))


def add_people(bot: RunningBot, count: int = 6) -> list[str]:
    """Add ``count`` people to #general; return their ids."""
    users = [bot.workspace.members.add_person(f"person{i}", f"Person {i}").id for i in range(count)]
    bot.workspace.state.channels[bot.general].members += users
    return users


def add_history(bot: RunningBot, people: int = 6) -> None:
    """Add a message of each of ``people`` on each of the last days to #general."""
    set_clock(bot, NOW)
    general, users = bot.workspace.state.channels[bot.general], add_people(bot, people)
    for back in range(14, -1, -1):
        for i, user in enumerate(users):
            text = (POSITIVE_TEXT, NEGATIVE_TEXT)[i % 2]
            bot.workspace.messages.add_past(general, user, text, NOW - back * DAY - (i + 1) * HOUR)


async def wait_for_report(bot: RunningBot, message: Message) -> Message:
    """Wait until a message that shows the progress is a report."""
    found = await bot.workspace.until(
        lambda: "Reading" not in (now := bot.workspace.message(message.channel, message.ts)).text and now
    )
    await bot.wait_until_processed()
    return found


async def test_opening_it_suggests_prompts(bot: RunningBot) -> None:
    """Opening the agent suggests what it can do, and each prompt is understood."""
    await bot.workspace.open_home(bot.ana, "messages")
    shown = await bot.workspace.until(lambda: bot.workspace.state.prompts.get(bot.dm))
    assert [prompt["message"] for prompt in shown["prompts"]] == [intent.value for intent in Intent]
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


@pytest.mark.parametrize("text", ["Check a draft: I hate this so much", "Analyse this text:\nI hate this so much"])
async def test_a_text_in_an_edited_prompt(bot: RunningBot, text: str) -> None:
    """What follows the words of a prompt is analysed, without them."""
    assert (await ask(bot, text)).text == (await ask(bot, "I hate this so much")).text


async def test_message_beside_the_agent(bot: RunningBot) -> None:
    """The message that a person is looking at is analysed for them, without a button to share the result."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
    await bot.workspace.look_at(bot.ana, bot.general, ts)
    answer = await ask(bot, READ_THIS)
    assert answer.text.startswith("Negative")
    assert "this message" in text_in(answer)
    assert "share" not in buttons(answer)
    await bot.workspace.until(lambda: session(bot, answer).title == "How a message reads")
    await bot.workspace.press(bot.ana, answer, "show_tokens")
    await bot.workspace.until(lambda: "the odds of" in text_in(bot.workspace.message(bot.dm, answer.ts)))
    assert "share" not in buttons(bot.workspace.message(bot.dm, answer.ts))
    assert bot.answers(bot.ben, bot.general) == []


async def test_channel_beside_the_agent(bot: RunningBot) -> None:
    """The channel that a person is looking at is reported on in the thread; the status shows that it is being read."""
    add_history(bot)
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await wait_for_report(bot, await ask(bot, Intent.READ.value))
    assert "42 messages" in text_in(report)
    statuses = [entry.sent["status"] for entry in bot.workspace.log if entry.name == "agents.sessions.setStatus"]
    assert statuses == ["processing", "active"]
    assert session(bot, report) == Session("active", "How #general reads")
    assert bot.answers(bot.ben, bot.general) == []


async def test_named_channel(bot: RunningBot) -> None:
    """A channel can be named, wherever the person is."""
    add_history(bot)
    report = await wait_for_report(bot, await ask(bot, f"How does <#{bot.general}|general> read?"))
    assert "42 messages" in text_in(report)


async def test_too_few_people(bot: RunningBot) -> None:
    """As in every report, figures need five people."""
    add_history(bot, people=4)
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await wait_for_report(bot, await ask(bot, READ_THIS))
    assert "Too few people" in text_in(report)
    assert "%" not in text_in(report)


async def test_counted_channel(bot: RunningBot) -> None:
    """The report of a channel that has been watched for long enough comes from the counts, in the thread."""
    people = add_people(bot)
    set_clock(bot, NOW - 8 * DAY)
    await watch(bot)
    for back in (8, 0):
        set_clock(bot, NOW - back * DAY)
        for user in people:
            await bot.workspace.post(user, bot.general, POSITIVE_TEXT)
    await bot.wait_until_processed()
    await bot.workspace.look_at(bot.ana, bot.general)
    report = await ask(bot, READ_THIS)
    assert "6 messages" in text_in(report)
    assert session(bot, report) == Session("active", "How #general reads")


async def test_asked_twice(bot: RunningBot) -> None:
    """While a channel is being read for a person, a second question is answered with that, once."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=1))
    await bot.workspace.look_at(bot.ana, bot.general)
    ts = await bot.workspace.post(bot.ana, bot.dm, READ_THIS)
    await bot.wait_for_answer(bot.ana, bot.dm)
    await bot.workspace.post(bot.ana, bot.dm, READ_THIS)
    await bot.workspace.until(lambda: len(bot.answers(bot.ana, bot.dm)) == 2)
    await bot.workspace.until(lambda: "already working" in bot.answers(bot.ana, bot.dm)[1].text)
    await bot.assert_answer_count(2, bot.ana, bot.dm)
    (report,) = bot.workspace.replies(bot.dm, ts)
    assert "42 messages" in text_in(await wait_for_report(bot, report))


async def test_stop(bot: RunningBot) -> None:
    """The stop button ends the reading of a history."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=60))
    await bot.workspace.look_at(bot.ana, bot.general)
    progress = await ask(bot, READ_THIS)
    await bot.workspace.until(lambda: session(bot, progress).status == "processing")
    await bot.workspace.stop_session(bot.ana, progress.thread_ts or "")
    stopped = await wait_for_report(bot, progress)
    assert "Stopped" in stopped.text
    await bot.workspace.until(lambda: session(bot, stopped).status == "active")


async def test_without_a_context(bot: RunningBot) -> None:
    """Where nothing is known to be open, the agent asks; an emptied context counts."""
    assert "Open a channel or message beside me" in text_in(await ask(bot, READ_THIS))
    await bot.workspace.look_at(bot.ana, bot.general)
    await bot.workspace.look_at(bot.ana)
    assert "Open a channel or message beside me" in text_in(await ask(bot, READ_THIS))
    await bot.workspace.look_at(bot.ana, bot.general)
    assert "Open the thread of that message" in text_in(await ask(bot, "How does this message read?"))


async def post_event(bot: RunningBot, **fields: Any) -> Message:  # noqa: ANN401 - any JSON
    """Write to the agent by an event with other ``fields`` than the emulator's; return the answer."""
    before = len(bot.answers(bot.ana, bot.dm))
    bot.workspace.faults.add(EventFault("message", lost=True))
    ts = await bot.workspace.post(bot.ana, bot.dm, READ_THIS)
    event = {"type": "message", "channel": bot.dm, "channel_type": "im", "user": bot.ana, "text": READ_THIS, "ts": ts}
    await bot.workspace.deliver(event | fields)
    return await bot.wait_for_answer(bot.ana, bot.dm, before + 1)


def entities(kind: str, value: object) -> dict[str, Any]:
    """Return a context with one entity."""
    return {"entities": [{"type": kind, "value": value}]}


async def test_context_of_an_event(bot: RunningBot) -> None:
    """The context of the message itself counts, under either name; without one, the last context."""
    random = bot.workspace.channel_id("random")
    await bot.workspace.look_at(bot.ana, bot.general)
    await bot.wait_until_processed()
    for fields, channel in (
        ({"app_context": entities(CHANNEL_TYPE, random)}, random),
        ({"context": entities(CHANNEL_TYPE, random)}, random),
        ({}, bot.general),
    ):
        await wait_for_report(bot, answer := await post_event(bot, **fields))
        assert f"<#{channel}>" in text_in(bot.workspace.message(bot.dm, answer.ts))


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"entities": []},
        {"entities": None},
        {"entities": "C1"},
        {"entities": [None, 1, "C1", {}, {"type": CHANNEL_TYPE}, {"value": "C1"}]},
        entities("slack#/types/canvas_id", "F1"),
        entities("slack#/types/list_id", "F1"),
        entities("slack#/types/unknown", {"a": [1]}),
        entities(CHANNEL_TYPE, {"channel_id": "C1"}),
        entities(CHANNEL_TYPE, "D012345"),
        entities(CHANNEL_TYPE, "<!channel>"),
        entities(MESSAGE_TYPE, "C1"),
        entities(MESSAGE_TYPE, {"channel_id": "C1"}),
        entities(MESSAGE_TYPE, {"message_ts": "now", "channel_id": "C1"}),
        entities(MESSAGE_TYPE, {"message_ts": "1.1", "channel_id": None}),
    ],
)
async def test_unusable_context(bot: RunningBot, context: Mapping[str, Any]) -> None:
    """A context without a channel or message that is known to be one is no context."""
    assert "Open a channel or message beside me" in text_in(await post_event(bot, app_context=context))


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("app_context_changed", {}),
        ("app_context_changed", {"user": 1, "context": []}),
        ("app_context_changed", {"user": "U1", "channel": None, "context": {"entities": {}}}),
        ("app_home_opened", {"tab": "messages"}),
        ("app_home_opened", {"tab": "messages", "channel": "D0", "user": None, "context": 1}),
        ("agent_session_stopped", {}),
        ("agent_session_stopped", {"channel": "D0", "thread_ts": 1, "user": []}),
        ("agent_session_stopped", {"channel": "D0", "thread_ts": "1.1", "user": "U0"}),
    ],
)
async def test_malformed_events(bot: RunningBot, name: str, event: dict[str, Any]) -> None:
    """An event with missing or unexpected fields is acknowledged, and the agent answers on."""
    assert await bot.workspace.deliver({"type": name} | event)
    assert (await ask(bot, "I love this")).text.startswith("Positive")


async def test_context_elsewhere(bot: RunningBot) -> None:
    """What the person or the bot is no member of is not read, whether it exists or not."""
    lonely, secret = bot.workspace.channel_id("lonely"), bot.workspace.channel_id("secret")
    hidden = await bot.workspace.post(bot.ana, secret, "I hate this so much")
    public = await bot.workspace.post(bot.ana, lonely, "I hate this so much")
    refused = "We both have to be members"
    for user, channel, ts, words in (
        (bot.ana, lonely, "", "I'm not in that channel"),
        (bot.ana, lonely, public, "I'm not in that channel"),
        (bot.ana, secret, "", refused),
        (bot.ana, secret, hidden, refused),
        (bot.chloe, secret, hidden, refused),
        (bot.chloe, "C0000000", "", refused),
        (bot.chloe, "C0000000", "1.000001", refused),
    ):
        value = {"channel_id": channel, "message_ts": ts}
        context = entities(MESSAGE_TYPE, value) if ts else entities(CHANNEL_TYPE, channel)
        dm = bot.workspace.state.dm(user).id
        await bot.workspace.deliver({"type": "app_context_changed", "user": user, "channel": dm, "context": context})
        answer = text_in(await ask(bot, READ_THIS, user=user))
        assert words in answer
        assert "hate" not in answer


async def test_named_channel_elsewhere(bot: RunningBot) -> None:
    """A channel that is named is read under the same rules."""
    secret = bot.workspace.channel_id("secret")
    answer = await ask(bot, f"How does <#{secret}|secret> read?", user=bot.chloe)
    assert "We both have to be members" in text_in(answer)
    assert (answer.channel, answer.thread_ts) not in bot.workspace.state.sessions


async def test_left_channel(bot: RunningBot) -> None:
    """Who has left a channel since they looked at it does not learn how its messages read."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
    await bot.workspace.look_at(bot.ana, bot.general, ts)
    bot.workspace.state.channels[bot.general].members.remove(bot.ana)
    assert "We both have to be members" in text_in(await ask(bot, READ_THIS))


async def test_deleted_message(bot: RunningBot) -> None:
    """A message that was deleted meanwhile cannot be analysed."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
    await bot.workspace.look_at(bot.ana, bot.general, ts)
    await bot.workspace.delete(bot.ben, bot.general, ts)
    assert "can't see that message any more" in text_in(await ask(bot, READ_THIS))


async def test_opted_out(bot: RunningBot) -> None:
    """The message of somebody who has opted out is analysed for its author only."""
    await ask(bot, "optout", user=bot.ben)
    ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
    for user, words in ((bot.ana, "has opted out"), (bot.ben, "Negative")):
        await bot.workspace.look_at(user, bot.general, ts)
        assert words in (await ask(bot, READ_THIS, user=user)).text


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
    """The other button analyses the text."""
    suggestion = await ask(bot, "chek my dratf")
    await bot.workspace.press(bot.ana, suggestion, "analyze_text")
    await bot.workspace.until(lambda: "%" in bot.workspace.message(bot.dm, suggestion.ts).text)


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


async def test_without_reports(engine: Engine) -> None:
    """Without the reports, a message can be read, and for a channel the answer is how to switch them on."""
    async with run_bot(engine, ("agent",)) as bot:
        await bot.workspace.look_at(bot.ana, bot.general)
        assert "FEATURES=watching" in text_in(await ask(bot, READ_THIS))
        ts = await bot.workspace.post(bot.ben, bot.general, "I hate this so much")
        await bot.workspace.look_at(bot.ana, bot.general, ts)
        assert (await ask(bot, READ_THIS)).text.startswith("Negative")


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


async def test_stop_in_another_process(engine: Engine, tmp_path: Path) -> None:
    """The reading ends also if another process is told that the button was pressed."""
    async with run_bot(engine, ("agent", "watching"), f"sqlite:///{tmp_path}/bot.db") as bot:
        add_history(bot)
        other = (await ask(bot, "I love this")).thread_ts or ""
        bot.workspace.faults.add(ApiFault("conversations.history", wait=2))
        await bot.workspace.look_at(bot.ana, bot.general)
        progress = await ask(bot, READ_THIS)
        thread = MessageRef(progress.channel, progress.thread_ts or "")
        async with other_reporter(bot, engine) as (reporter, slack):
            await reporter.stop_reading(slack, bot.ben, thread)
            await reporter.stop_reading(slack, bot.ana, MessageRef(thread.channel, other))
            assert "Reading" in bot.workspace.message(bot.dm, progress.ts).text
            await reporter.stop_reading(slack, bot.ana, thread)
        assert "Stopped" in bot.workspace.message(bot.dm, progress.ts).text
        await bot.workspace.until(lambda: session(bot, progress).status == "active")
        assert "Stopped" in bot.workspace.message(bot.dm, progress.ts).text
