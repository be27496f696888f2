"""Watching a channel, as the people in it see it."""

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.parsing.request import COMMAND
from slack_emulator import ApiFault, Message
from tests.scenarios.test_windows import modal, result, shown
from tests.support.stage import Stage, staged, text_in

GOOD, SO_SO, BAD = "slightly_smiling_face", "neutral_face", "slightly_frowning_face"


async def watch(stage: Stage, name: str = "general") -> Message:
    """Let ana ask for a channel to be watched; return what the channel is told."""
    channel = stage.workspace.channel_id(name)
    await stage.workspace.command(stage.ana, channel, COMMAND, "watch")
    await stage.workspace.until(lambda: len(stage.answers(stage.ana, channel)) == 2)
    (told,) = stage.answers(stage.chloe, channel)
    return told


def marks(stage: Stage, ts: str) -> set[str]:
    """Return the bot's emojis on a message of #general."""
    message = stage.workspace.message(stage.general, ts)
    return {name for name, users in message.reactions.items() if stage.workspace.bot_user_id in users}


async def marked(stage: Stage, ts: str, emoji: str) -> None:
    """Wait until a message has just this emoji of the bot's."""
    await stage.workspace.until(lambda: marks(stage, ts) == {emoji})


async def all_done(stage: Stage) -> None:
    """Wait until a message that came last is marked: then all before it are dealt with."""
    await marked(stage, await stage.workspace.post(stage.chloe, stage.general, "I love this wonderful day"), GOOD)


async def test_tells_the_channel_once(stage: Stage) -> None:
    """The channel hears that it is watched, who asked and how to opt out; asked again, only the asker hears."""
    told = await watch(stage)
    assert f"<@{stage.ana}> requested it" in text_in(told)
    assert "/sentiment optout" in text_in(told)
    await stage.workspace.command(stage.ben, stage.general, COMMAND, "watch")
    await stage.workspace.until(lambda: len(stage.answers(stage.ben, stage.general)) == 2)
    assert "I watch this channel" in text_in(stage.answers(stage.ben, stage.general)[-1])
    assert len(stage.answers(stage.chloe, stage.general)) == 1


async def test_marks_messages_and_replies(stage: Stage) -> None:
    """Each message gets the emoji for how it reads, replies in threads too, also when sent to the channel as well."""
    await watch(stage)
    good = await stage.workspace.post(stage.ben, stage.general, "What a wonderful, calm release")
    bad = await stage.workspace.post(stage.ben, stage.general, "I hate this so much!", thread_ts=good)
    both = await stage.workspace.post(
        stage.ben, stage.general, "I love it after all", thread_ts=good, subtype="thread_broadcast"
    )
    await marked(stage, good, GOOD)
    await marked(stage, bad, BAD)
    await marked(stage, both, GOOD)


async def test_leaves_alone_what_is_not_for_it(stage: Stage) -> None:
    """Messages of bots, mentions that it answers, code, joins and pictures get no emoji."""
    await watch(stage)
    channel = stage.workspace.state.channels[stage.general]
    left = [
        stage.workspace.messages.post(channel, stage.ben, "I love this", bot_id="B0OTHER").ts,
        await stage.workspace.post(stage.ben, stage.general, f"{stage.mention} I love this"),
        await stage.workspace.post(stage.ben, stage.general, "```I love this```"),
        await stage.workspace.post(stage.ben, stage.general, "has joined the channel", subtype="channel_join"),
        await stage.workspace.post(stage.ben, stage.general, "", subtype="file_share", files=[{"id": "F1"}]),
    ]
    await all_done(stage)
    assert [marks(stage, ts) for ts in left] == [set()] * len(left)


async def test_corrects_after_an_edit(stage: Stage) -> None:
    """An edit that changes the mood changes the emoji; a preview that unfurls changes nothing."""
    await watch(stage)
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful, calm release")
    await marked(stage, ts, GOOD)
    await stage.workspace.edit(stage.ben, stage.general, ts, "What an awful, hectic release")
    await marked(stage, ts, BAD)
    calls = len(stage.workspace.log)
    message = stage.workspace.message(stage.general, ts)
    stage.workspace.messages.edit(message, stage.ben, attachments=[{"title": "A preview"}])
    await all_done(stage)
    assert "reactions.get" not in [one.name for one in stage.workspace.log[calls:]]


async def test_a_message_deleted_meanwhile(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """It is dropped without a word."""
    await watch(stage)
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful release")
    await stage.workspace.delete(stage.ben, stage.general, ts)
    await all_done(stage)
    assert caplog.text == ""


async def test_who_opted_out_is_left_alone(stage: Stage) -> None:
    """Neither their messages nor their edits get an emoji."""
    await watch(stage)
    await stage.workspace.command(stage.ben, stage.workspace.dm_id("ben"), COMMAND, "optout")
    await stage.answer(stage.ben, stage.workspace.dm_id("ben"))
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful release")
    await stage.workspace.edit(stage.ben, stage.general, ts, "What an awful release")
    await all_done(stage)
    assert marks(stage, ts) == set()


async def test_stops(stage: Stage) -> None:
    """`unwatch` ends it, `watch status` says so, and a second `unwatch` does no harm."""
    await watch(stage)
    for count, (words, said) in enumerate(
        [("watch status", "I watch"), ("unwatch", "no longer"), ("unwatch", "don't"), ("watch status", "don't")], 3
    ):
        await stage.workspace.command(stage.ana, stage.general, COMMAND, words)
        assert said in (await stage.answer(stage.ana, stage.general, count)).text
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful release")
    await stage.settled(6, stage.ana, stage.general)
    assert marks(stage, ts) == set()


async def test_settings(stage: Stage) -> None:
    """In a window each label gets another emoji or none, and messages it is less sure of can be left alone."""
    await watch(stage)
    status = stage.answers(stage.ana, stage.general)[-1]
    await stage.workspace.press(stage.ana, status, "open_watch_settings")
    view = await result(stage, stage.ana, "Emoji for NEUTRAL")
    names = {block["block_id"]: block["element"].get("initial_value") for block in view.content["blocks"]}
    assert names == {"positive": GOOD, "neutral": SO_SO, "negative": BAD, "least_confidence": "60"}
    entered = {"positive": ":tada:", "neutral": "", "least_confidence": "70"}
    assert (await stage.workspace.submit(stage.ana, entered)).ok
    assert ":tada:" in shown(modal(stage, stage.ana))
    assert "70 %" in shown(modal(stage, stage.ana))
    await marked(stage, await stage.workspace.post(stage.ben, stage.general, "I love this wonderful day"), "tada")


async def test_settings_that_make_no_sense(stage: Stage) -> None:
    """They are refused beneath the box that is wrong."""
    await watch(stage)
    await stage.workspace.press(stage.ana, stage.answers(stage.ana, stage.general)[-1], "open_watch_settings")
    await result(stage, stage.ana, "Emoji for NEUTRAL")
    outcome = await stage.workspace.submit(stage.ana, {"positive": "two words"})
    assert "The name of an emoji" in str(outcome.payload)
    outcome = await stage.workspace.submit(stage.ana, {"positive": "tada", "negative": "tada"})
    assert "of its own" in str(outcome.payload)


async def test_asks_to_be_invited(stage: Stage) -> None:
    """Where the bot is no member, public or private, it says how to invite it."""
    lonely = stage.workspace.channel_id("lonely")
    await stage.workspace.command(stage.ana, lonely, COMMAND, "watch")
    assert "/invite @sentiment" in text_in(await stage.answer(stage.ana, lonely))


async def test_direct_messages_are_not_watched(stage: Stage) -> None:
    """There it says that it watches channels only."""
    await stage.workspace.command(stage.ana, stage.dm, COMMAND, "watch")
    assert "channels only" in (await stage.answer(stage.ana, stage.dm)).text


async def test_a_channel_where_it_may_not_post(stage: Stage) -> None:
    """Nobody is watched without being told: where the channel cannot be told, it is not watched."""
    stage.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch")
    assert "could not announce" in (await stage.answer(stage.ana, stage.general)).text
    await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch status")
    assert "don't watch" in (await stage.answer(stage.ana, stage.general, 2)).text


async def test_switched_off(engine: Engine) -> None:
    """Without the feature the command says how to switch it on, and help does not speak of it."""
    async with staged(engine, features=()) as stage:
        await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch")
        assert "FEATURES=watching" in text_in(await stage.answer(stage.ana, stage.general))
        await stage.workspace.command(stage.ana, stage.general, COMMAND, "help")
        assert "watch" not in text_in(await stage.answer(stage.ana, stage.general, 2))


async def test_a_text_that_begins_so_is_judged(stage: Stage) -> None:
    """Only the words alone are a command: `/sentiment watch this, I love it` is a text."""
    await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch this, I love it")
    assert (await stage.answer(stage.ana, stage.general)).text.startswith("POSITIVE")


async def test_app_home_names_the_channels(stage: Stage) -> None:
    """It names the watched channels that the person is in."""
    await watch(stage)
    await stage.workspace.open_home(stage.ana)
    await stage.workspace.until(
        lambda: (home := stage.workspace.home(stage.ana)) and f"<#{stage.general}>" in shown(home)
    )
