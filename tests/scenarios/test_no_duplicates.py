"""Each message is answered once, however many events Slack sends about it."""

import pytest

from tests.support.bot_in_emulator import RunningBot

pytestmark = pytest.mark.slow


async def test_mention_in_a_direct_message(bot: RunningBot) -> None:
    """A mention in a direct message, which causes two events, gets one answer."""
    ts = await bot.workspace.post(bot.ana, bot.dm, f"{bot.mention} I love this")
    await bot.wait_for_answer(bot.ana, bot.dm)
    post = {"user": bot.ana, "channel": bot.dm, "ts": ts, "event_ts": ts, "text": f"{bot.mention} I love this"}
    assert await bot.workspace.deliver({"type": "app_mention", **post})
    await bot.assert_answer_count(1, bot.ana, bot.dm)


async def test_repeated_event(bot: RunningBot) -> None:
    """An event that arrives three times gets one answer."""
    event = {
        "type": "app_mention",
        "user": bot.ana,
        "channel": bot.general,
        "ts": await bot.workspace.post(bot.ana, bot.general, "plain"),
        "text": f"{bot.mention} I love this",
    }
    for _ in range(3):
        assert await bot.workspace.deliver(event)
    await bot.wait_for_answer(bot.ana, bot.general)
    await bot.assert_answer_count(1, bot.ana, bot.general)


async def test_edits_and_bots(bot: RunningBot) -> None:
    """Edits, messages of other bots and the bot's own messages get no answer."""
    ts = await bot.workspace.post(bot.ana, bot.dm, "I love this")
    await bot.wait_for_answer(bot.ana, bot.dm)
    await bot.workspace.edit(bot.ana, bot.dm, ts, "I hate this")
    other = {"type": "message", "channel": bot.dm, "channel_type": "im", "ts": "1700000000.000100"}
    assert await bot.workspace.deliver({**other, "subtype": "bot_message", "bot_id": "B123", "text": "I love this"})
    assert await bot.workspace.deliver({**other, "user": "U999", "bot_id": "B123", "text": "I love this"})
    own = {**other, "user": bot.workspace.bot_user_id, "bot_id": bot.workspace.bot_id, "text": "I love this"}
    assert await bot.workspace.deliver(own)
    await bot.assert_answer_count(1, bot.ana, bot.dm)


async def test_message_without_a_mention(bot: RunningBot) -> None:
    """A message in a channel that does not mention the bot gets no answer."""
    ts = await bot.workspace.post(bot.ana, bot.general, "I love this")
    event = {"type": "message", "channel": bot.general, "channel_type": "channel", "user": bot.ana, "ts": ts}
    assert await bot.workspace.deliver({**event, "text": "I love this"})
    await bot.assert_answer_count(0, bot.ana, bot.general)
