"""One post is answered once, whatever Slack sends."""

from tests.support.stage import Stage


async def test_mention_and_message_of_one_post(stage: Stage) -> None:
    """A mention in a direct message that arrives as both kinds of event gets one answer."""
    ts = await stage.workspace.post(stage.ana, stage.dm, f"{stage.mention} I love this")
    await stage.answer(stage.ana, stage.dm)
    post = {"user": stage.ana, "channel": stage.dm, "ts": ts, "event_ts": ts, "text": f"{stage.mention} I love this"}
    assert await stage.workspace.deliver({"type": "app_mention", **post})
    await stage.settled(1, stage.ana, stage.dm)


async def test_an_event_sent_again(stage: Stage) -> None:
    """The same event twice or thrice gets one answer."""
    event = {
        "type": "app_mention",
        "user": stage.ana,
        "channel": stage.general,
        "ts": await stage.workspace.post(stage.ana, stage.general, "plain"),
        "text": f"{stage.mention} I love this",
    }
    for _ in range(3):
        assert await stage.workspace.deliver(event)
    await stage.answer(stage.ana, stage.general)
    await stage.settled(1, stage.ana, stage.general)


async def test_edits_bots_and_the_bot_itself(stage: Stage) -> None:
    """An edit, another bot's message and the bot's own posts are not answered."""
    ts = await stage.workspace.post(stage.ana, stage.dm, "I love this")
    await stage.answer(stage.ana, stage.dm)
    await stage.workspace.edit(stage.ana, stage.dm, ts, "I hate this")
    other = {"type": "message", "channel": stage.dm, "channel_type": "im", "ts": "1700000000.000100"}
    assert await stage.workspace.deliver({**other, "subtype": "bot_message", "bot_id": "B123", "text": "I love this"})
    assert await stage.workspace.deliver({**other, "user": "U999", "bot_id": "B123", "text": "I love this"})
    own = {**other, "user": stage.workspace.bot_user_id, "bot_id": stage.workspace.bot_id, "text": "I love this"}
    assert await stage.workspace.deliver(own)
    await stage.settled(1, stage.ana, stage.dm)


async def test_messages_elsewhere(stage: Stage) -> None:
    """A message in a channel that does not mention the bot is left alone."""
    ts = await stage.workspace.post(stage.ana, stage.general, "I love this")
    event = {"type": "message", "channel": stage.general, "channel_type": "channel", "user": stage.ana, "ts": ts}
    assert await stage.workspace.deliver({**event, "text": "I love this"})
    await stage.settled(0, stage.ana, stage.general)
