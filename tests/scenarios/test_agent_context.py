"""What a person is looking at beside the agent, as events say, and what may be read of it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.sentiment.engine.engine import Engine
from slack_emulator import EventFault, Message
from tests.support.agent import CHANNEL_TYPE, MESSAGE_TYPE, READ_THIS, ask, wait_for_report
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with the agent view, and with reports."""
    async with run_bot(engine, ("agent", "watching")) as bot:
        yield bot


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
