"""Unusual and invalid input: it is answered or acknowledged, and notifies nobody."""

import logging

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import Engine
from slack_emulator import Message
from slack_emulator.payloads.mentions import message_mentions
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in

NO_CONTENT = "There is nothing to classify"

TEXTS = [
    ("🎉", ""),
    (":tada:", ""),
    ("```raise SystemExit```", NO_CONTENT),
    ("...", NO_CONTENT),
    ("\u200b\u200d\u2060", NO_CONTENT),
    ("*_~", NO_CONTENT),
    ("```", NO_CONTENT),
    ("good " * 7000, "Only its beginning was classified"),
    ("I love\x00 this", ""),
    ("I love \ud83d this", ""),
    ("\u202eI love this\u202c \u05d0\u05d4\u05d1\u05d4", ""),
    ("I love <!channel> <!here> <!everyone> <@U012345> this", ""),
    ("*I* _love_ ~this~ `code` ```block```", ""),
    ("&lt;script&gt;alert(1)&lt;/script&gt;", ""),
    ("&lt;!channel&gt; &lt;@U012345&gt; I love this", ""),
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "words"), TEXTS)
async def test_texts(bot: RunningBot, text: str, words: str) -> None:
    """Unusual texts are answered by command, mention and direct message; the answer mentions nobody."""
    await bot.workspace.command(bot.ana, bot.general, "/sentiment", text)
    await check(await bot.wait_for_answer(bot.ana, bot.general), words)
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {text}")
    await check(await bot.wait_for_answer(bot.ana, bot.general, 2), words)
    await bot.workspace.post(bot.ana, bot.dm, f"tokens {text}")
    breakdown = await bot.wait_for_answer(bot.ana, bot.dm, seconds=120)  # of 512 tokens, it takes a while
    await check(breakdown, words)


async def check(answer: Message, words: str) -> None:
    """Assert that an answer contains ``words`` and a result, and mentions nobody."""
    assert message_mentions(answer) == set()
    assert words in text_in(answer)
    assert any(label in answer.text for label in ("Positive", "Neutral", "Negative")) == (words != NO_CONTENT)


EVENTS = [
    {"type": "app_mention"},
    {"type": "app_mention", "text": None, "user": None, "channel": None, "ts": None},
    {"type": "app_mention", "text": ["a", {"b": 1}], "user": "U1", "channel": "C1", "ts": 1.5},
    {"type": "message"},
    {"type": "message", "channel_type": "im", "text": "I love this"},
    {"type": "message", "subtype": "message_changed", "message": None},
    {"type": "message", "subtype": "message_deleted", "channel_type": "im"},
    {"type": "message", "subtype": "unknown_type", "channel_type": "im", "user": "U1", "ts": "1.1", "channel": "C1"},
    {"type": "message", "subtype": {"odd": True}, "channel_type": "im"},
    {"type": "reaction_added"},
    {"type": "reaction_added", "item": None, "user": "U1"},
    {"type": "reaction_added", "item": {"type": "file", "file": "F1"}, "user": "U1", "reaction": "thermometer"},
    {"type": "unknown_type"},
    {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}},
    {"type": ""},
    {},
]


@pytest.mark.parametrize("event", EVENTS)
async def test_events(bot: RunningBot, event: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    """Incomplete and unknown events are acknowledged, and nothing is logged."""
    assert await bot.workspace.deliver(event)
    await bot.assert_answer_count(0, bot.ana, bot.dm)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_event_that_bolt_cannot_parse(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    """An event on which Bolt fails is acknowledged; the log has the error, but not the text."""
    assert await bot.workspace.deliver({"type": "app_mention", "text": "my secret", "user": 7, "channel": "C1"})
    await bot.assert_answer_count(0, bot.ana, bot.dm)
    assert "TypeError" in caplog.text
    assert "secret" not in caplog.text


async def test_reaction_to_a_deleted_message(bot: RunningBot) -> None:
    """A reaction to a message that no longer exists is answered with a sentence."""
    item = {"type": "message", "channel": bot.general, "ts": "1700000000.000100"}
    event = {"type": "reaction_added", "user": bot.ana, "reaction": "thermometer", "item": item, "event_ts": "1.1"}
    assert await bot.workspace.deliver(event)
    assert "can't see that message" in (await bot.wait_for_answer(bot.ana, bot.general)).text


async def test_unknown_button(bot: RunningBot) -> None:
    """A button of an earlier version of the bot is acknowledged."""
    channel, bot_user = bot.workspace.state.channels[bot.general], bot.workspace.bot_user_id
    element = {"type": "button", "action_id": "from_before", "text": {"type": "plain_text", "text": "Old"}}
    message = bot.workspace.messages.post(channel, bot_user, "old", blocks=[{"type": "actions", "elements": [element]}])
    assert (await bot.workspace.press(bot.ana, message, "from_before")).ok


class FailingClassifier(Classifier):
    """Fails with an error that quotes the text."""

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Raise an error."""
        raise RuntimeError("cannot classify 'my secret text'")


async def test_failing_model(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """The user gets one sentence; the log has the error and the ids, but not the text."""
    engine = Engine(FailingClassifier(classifier.model, classifier.tokenizer, "failing"))
    async with run_bot(engine) as bot:
        ts = await bot.workspace.post(bot.ana, bot.dm, "my secret text")
        answer = await bot.wait_for_answer(bot.ana, bot.dm)
    engine.close()
    assert "went wrong" in answer.text
    assert "\n" not in answer.text
    assert "RuntimeError" in caplog.text
    assert ts in caplog.text
    assert "secret" not in caplog.text
