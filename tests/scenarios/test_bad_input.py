"""Whatever people or Slack send, there is a clear answer or a quiet acknowledgement, and nobody is pinged."""

import logging

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import Engine
from slack_emulator import Message
from slack_emulator.payloads.mentions import message_mentions
from tests.support.stage import Stage, staged, text_in

NOTHING = "There is nothing to classify"

TEXTS = [
    ("🎉", ""),
    (":tada:", ""),
    ("```raise SystemExit```", NOTHING),
    ("...", NOTHING),
    ("\u200b\u200d\u2060", NOTHING),
    ("*_~", NOTHING),
    ("```", NOTHING),
    ("good " * 7000, "Only its beginning was classified"),
    ("I love\x00 this", ""),
    ("I love \ud83d this", ""),
    ("\u202eI love this\u202c \u05d0\u05d4\u05d1\u05d4", ""),
    ("I love <!channel> <!here> <!everyone> <@U012345> this", ""),
    ("*I* _love_ ~this~ `code` ```block```", ""),
    ("&lt;script&gt;alert(1)&lt;/script&gt;", ""),
    ("&lt;!channel&gt; &lt;@U012345&gt; I love this", ""),
]


@pytest.mark.parametrize(("text", "said"), TEXTS)
async def test_texts(stage: Stage, text: str, said: str) -> None:
    """By command, mention and direct message each odd text gets an answer that pings nobody."""
    await stage.workspace.command(stage.ana, stage.general, "/sentiment", text)
    await check(await stage.answer(stage.ana, stage.general), said)
    await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} {text}")
    await check(await stage.answer(stage.ana, stage.general, 2), said)
    await stage.workspace.post(stage.ana, stage.dm, f"tokens {text}")
    await check(await stage.answer(stage.ana, stage.dm), said)


async def check(answer: Message, said: str) -> None:
    """Check an answer: what it says, and that it pings nobody."""
    assert message_mentions(answer) == set()
    assert said in text_in(answer)
    assert any(label in answer.text for label in ("POSITIVE", "NEUTRAL", "NEGATIVE")) == (said != NOTHING)


EVENTS = [
    {"type": "app_mention"},
    {"type": "app_mention", "text": None, "user": None, "channel": None, "ts": None},
    {"type": "app_mention", "text": ["a", {"b": 1}], "user": "U1", "channel": "C1", "ts": 1.5},
    {"type": "message"},
    {"type": "message", "channel_type": "im", "text": "I love this"},
    {"type": "message", "subtype": "message_changed", "message": None},
    {"type": "message", "subtype": "message_deleted", "channel_type": "im"},
    {"type": "message", "subtype": "never_heard_of", "channel_type": "im", "user": "U1", "ts": "1.1", "channel": "C1"},
    {"type": "message", "subtype": {"odd": True}, "channel_type": "im"},
    {"type": "reaction_added"},
    {"type": "reaction_added", "item": None, "user": "U1"},
    {"type": "reaction_added", "item": {"type": "file", "file": "F1"}, "user": "U1", "reaction": "thermometer"},
    {"type": "never_heard_of"},
    {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}},
    {"type": ""},
    {},
]


@pytest.mark.parametrize("event", EVENTS)
async def test_events(stage: Stage, event: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    """An event that is incomplete or of a kind the bot does not know is acknowledged, quietly."""
    assert await stage.workspace.deliver(event)
    await stage.settled(0, stage.ana, stage.dm)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_an_event_that_bolt_cannot_read(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Where the framework itself stumbles the event is acknowledged, and the log has no text of it."""
    assert await stage.workspace.deliver({"type": "app_mention", "text": "my secret", "user": 7, "channel": "C1"})
    await stage.settled(0, stage.ana, stage.dm)
    assert "TypeError" in caplog.text
    assert "secret" not in caplog.text


async def test_a_reaction_to_a_message_that_is_gone(stage: Stage) -> None:
    """Who asks about a message that was deleted meanwhile is told so."""
    item = {"type": "message", "channel": stage.general, "ts": "1700000000.000100"}
    event = {"type": "reaction_added", "user": stage.ana, "reaction": "thermometer", "item": item, "event_ts": "1.1"}
    assert await stage.workspace.deliver(event)
    assert "can't see that message" in (await stage.answer(stage.ana, stage.general)).text


async def test_a_button_of_an_unknown_kind(stage: Stage) -> None:
    """A button that an earlier version may have drawn is acknowledged."""
    channel, bot = stage.workspace.state.channels[stage.general], stage.workspace.bot_user_id
    element = {"type": "button", "action_id": "from_before", "text": {"type": "plain_text", "text": "Old"}}
    message = stage.workspace.messages.post(channel, bot, "old", blocks=[{"type": "actions", "elements": [element]}])
    assert (await stage.workspace.press(stage.ana, message, "from_before")).ok


class Broken(Classifier):
    """A model that fails, quoting the text, as libraries like to do."""

    def run(self, rows: object) -> object:  # type: ignore[override]
        """Fail."""
        raise RuntimeError("cannot judge 'my secret text'")


async def test_a_model_that_fails(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """The person is told in one sentence; the log has the error and the ids, but not the text."""
    engine = Engine(Broken(classifier.model, classifier.tokenizer, "broken"))
    async with staged(engine) as stage:
        ts = await stage.workspace.post(stage.ana, stage.dm, "my secret text")
        answer = await stage.answer(stage.ana, stage.dm)
    engine.close()
    assert "went wrong" in answer.text
    assert "\n" not in answer.text
    assert "RuntimeError" in caplog.text
    assert ts in caplog.text
    assert "secret" not in caplog.text
