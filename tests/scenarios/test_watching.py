"""Watched channels."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sql

from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import ATTEMPTS
from bot.slack.parsing.request import COMMAND
from bot.store.database import open_database
from bot.store.schema import counts
from slack_emulator import ApiFault, EventFault
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.modals import current_modal, view_text, wait_for_modal
from tests.support.watching import (
    NEGATIVE_EMOJI,
    NEUTRAL_EMOJI,
    POSITIVE_EMOJI,
    bot_reactions,
    wait_for_reaction,
    watch,
)


async def test_announcement(bot: RunningBot) -> None:
    """The channel is told once that it is watched, who requested it and how to opt out."""
    announcement = await watch(bot)
    assert f"<@{bot.ana}> requested it" in text_in(announcement)
    assert "/sentiment optout" in text_in(announcement)
    await bot.workspace.command(bot.ben, bot.general, COMMAND, "watch")
    await bot.workspace.until(lambda: len(bot.answers(bot.ben, bot.general)) == 2)
    assert "I watch this channel" in text_in(bot.answers(bot.ben, bot.general)[-1])
    assert len(bot.answers(bot.chloe, bot.general)) == 1


async def test_messages_and_replies(bot: RunningBot) -> None:
    """Messages, replies, and replies that are also sent to the channel get the emoji of their label."""
    await watch(bot)
    good = await bot.workspace.post(bot.ben, bot.general, "What a wonderful, calm release")
    bad = await bot.workspace.post(bot.ben, bot.general, "I hate this so much!", thread_ts=good)
    both = await bot.workspace.post(
        bot.ben, bot.general, "I love it after all", thread_ts=good, subtype="thread_broadcast"
    )
    await wait_for_reaction(bot, good, POSITIVE_EMOJI)
    await wait_for_reaction(bot, bad, NEGATIVE_EMOJI)
    await wait_for_reaction(bot, both, POSITIVE_EMOJI)


async def test_ignored_messages(bot: RunningBot) -> None:
    """Messages of bots, mentions, code, joins and files get no reaction."""
    await watch(bot)
    channel = bot.workspace.state.channels[bot.general]
    ignored = [
        bot.workspace.messages.post(channel, bot.ben, "I love this", bot_id="B0OTHER").ts,
        await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} I love this"),
        await bot.workspace.post(bot.ben, bot.general, "```I love this```"),
        await bot.workspace.post(bot.ben, bot.general, "has joined the channel", subtype="channel_join"),
        await bot.workspace.post(bot.ben, bot.general, "", subtype="file_share", files=[{"id": "F1"}]),
    ]
    await bot.wait_until_processed()
    assert [bot_reactions(bot, ts) for ts in ignored] == [set()] * len(ignored)


async def test_edit(bot: RunningBot) -> None:
    """An edit that changes the label changes the reaction; an unfurled link does not."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful, calm release")
    await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
    await bot.workspace.edit(bot.ben, bot.general, ts, "What an awful, hectic release")
    await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)
    calls = len(bot.workspace.log)
    message = bot.workspace.message(bot.general, ts)
    bot.workspace.messages.edit(message, bot.ben, attachments=[{"title": "A preview"}])
    await bot.wait_until_processed()
    assert "reactions.get" not in [exchange.name for exchange in bot.workspace.log[calls:]]


async def test_reaction_while_slack_fails(engine: Engine, tmp_path: Path) -> None:
    """A message whose reaction Slack does not accept at first gets it later, and is counted once."""
    url, timing = f"sqlite:///{tmp_path}/bot.db", replace(FAST_TIMING, catch_up_retry=0)
    async with run_bot(engine, database_url=url, timing=timing) as bot:
        await watch(bot)
        bot.workspace.faults.add(ApiFault("reactions.add", status=503, times=ATTEMPTS))
        ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful release")
        await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
    with open_database(url) as database:
        assert database.run_sync(lambda connection: connection.scalar(sql.select(counts.c["count"]))) == 1


async def test_late_event_of_an_edit(bot: RunningBot) -> None:
    """The event of an edit that was followed by another one does not bring the old emoji back."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, "What an awful, hectic release")
    await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)
    late = {"type": "message", "subtype": "message_changed", "channel": bot.general, "channel_type": "channel"}
    assert await bot.workspace.deliver(late | {"message": {"user": bot.ben, "ts": ts, "text": "I love this"}})
    await bot.wait_until_processed()
    assert bot_reactions(bot, ts) == {NEGATIVE_EMOJI}


async def test_edit_before_its_message(bot: RunningBot) -> None:
    """If the event of a message comes after that of its edit, the message has the emoji of its present text alone."""
    await watch(bot)
    bot.workspace.faults.add(EventFault("message", wait=1))
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful, calm release")
    await bot.workspace.edit(bot.ben, bot.general, ts, "What an awful, hectic release")
    await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)
    await bot.wait_until_processed()
    assert bot_reactions(bot, ts) == {NEGATIVE_EMOJI}


async def test_deleted_message(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    """A message that is deleted before it is processed logs nothing."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful release")
    await bot.workspace.delete(bot.ben, bot.general, ts)
    await bot.wait_until_processed()
    assert caplog.text == ""


async def test_opted_out(bot: RunningBot) -> None:
    """Messages and edits of users who have opted out get no reaction."""
    await watch(bot)
    await bot.workspace.command(bot.ben, bot.workspace.dm_id("ben"), COMMAND, "optout")
    await bot.wait_for_answer(bot.ben, bot.workspace.dm_id("ben"))
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful release")
    await bot.workspace.edit(bot.ben, bot.general, ts, "What an awful release")
    await bot.wait_until_processed()
    assert bot_reactions(bot, ts) == set()


async def test_unwatch(bot: RunningBot) -> None:
    """`unwatch` turns watching off after a confirmation, and the channel is told who did it."""
    await watch(bot)
    question = await bot.run_command("unwatch", user=bot.ben)
    assert "deletes its counts" in text_in(question)
    assert "I watch" in (await bot.run_command("watch status")).text
    await bot.workspace.press(bot.ben, question, "stop_watching")
    told = await bot.wait_for_answer(bot.chloe, bot.general, 2)
    assert text_in(told) == f"I no longer watch this channel, and its counts are deleted. <@{bot.ben}> switched it off."
    await bot.workspace.until(lambda: bot.answers(bot.ben, bot.general)[-2].text == "Done.")
    for command in ("unwatch", "watch status"):
        assert "don't watch" in (await bot.run_command(command)).text
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful release")
    await bot.assert_answer_count(2, bot.chloe, bot.general)
    assert bot_reactions(bot, ts) == set()


async def test_unwatch_twice(bot: RunningBot) -> None:
    """Watching that somebody else has switched off meanwhile is not switched off again."""
    await watch(bot)
    questions = [(user, await bot.run_command("unwatch", user=user)) for user in (bot.ana, bot.ben)]
    for user, question in questions:
        await bot.workspace.press(user, question, "stop_watching")
        await bot.wait_until_processed()
    assert any("don't watch" in answer.text for answer in bot.answers(bot.ben, bot.general))
    assert len(bot.answers(bot.chloe, bot.general)) == 2


async def test_settings(bot: RunningBot) -> None:
    """The modal sets an emoji for each label, or none, and the least confidence."""
    await watch(bot)
    status = bot.answers(bot.ana, bot.general)[-1]
    await bot.workspace.press(bot.ana, status, "open_watch_settings")
    view = await wait_for_modal(bot, bot.ana, "Emoji for Neutral")
    names = {block["block_id"]: block["element"].get("initial_value") for block in view.content["blocks"]}
    assert names == {
        "positive": POSITIVE_EMOJI,
        "neutral": NEUTRAL_EMOJI,
        "negative": NEGATIVE_EMOJI,
        "least_confidence": "60",
    }
    entered = {"positive": ":tada:", "neutral": "", "least_confidence": "70"}
    assert (await bot.workspace.submit(bot.ana, entered)).ok
    assert ":tada:" in view_text(current_modal(bot, bot.ana))
    assert "70 %" in view_text(current_modal(bot, bot.ana))
    await wait_for_reaction(bot, await bot.workspace.post(bot.ben, bot.general, "I love this wonderful day"), "tada")


async def test_invalid_settings(bot: RunningBot) -> None:
    """Invalid settings are reported below their input."""
    await watch(bot)
    await bot.workspace.press(bot.ana, bot.answers(bot.ana, bot.general)[-1], "open_watch_settings")
    await wait_for_modal(bot, bot.ana, "Emoji for Neutral")
    outcome = await bot.workspace.submit(bot.ana, {"positive": "two words"})
    assert "The name of an emoji" in str(outcome.payload)
    outcome = await bot.workspace.submit(bot.ana, {"positive": "tada", "negative": "tada"})
    assert "of its own" in str(outcome.payload)


async def test_not_a_member(bot: RunningBot) -> None:
    """In a channel that the bot is not a member of, it says how to invite it."""
    lonely = bot.workspace.channel_id("lonely")
    await bot.workspace.command(bot.ana, lonely, COMMAND, "watch")
    assert "/invite @sentiment" in text_in(await bot.wait_for_answer(bot.ana, lonely))


async def test_direct_message(bot: RunningBot) -> None:
    """In a direct message the bot says that it watches channels only."""
    await bot.workspace.command(bot.ana, bot.dm, COMMAND, "watch")
    assert "channels only" in (await bot.wait_for_answer(bot.ana, bot.dm)).text


async def test_refused_announcement(bot: RunningBot) -> None:
    """A channel that the bot is not allowed to post in is not watched."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch")
    assert "could not announce" in (await bot.wait_for_answer(bot.ana, bot.general)).text
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch status")
    assert "don't watch" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text


async def test_switched_off(engine: Engine) -> None:
    """Without the feature, the command says how to switch it on, and the help does not mention it."""
    async with run_bot(engine, features=()) as bot:
        await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch")
        assert "add `watching` to `FEATURES`" in text_in(await bot.wait_for_answer(bot.ana, bot.general))
        await bot.workspace.command(bot.ana, bot.general, COMMAND, "help")
        assert "watch" not in text_in(await bot.wait_for_answer(bot.ana, bot.general, 2))


async def test_text_that_begins_with_the_command(bot: RunningBot) -> None:
    """`/sentiment watch this, I love it` is a text, not the subcommand."""
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch this, I love it")
    assert (await bot.wait_for_answer(bot.ana, bot.general)).text.startswith("Positive")


async def test_app_home(bot: RunningBot) -> None:
    """App Home names the watched channels that the user is a member of."""
    await watch(bot)
    await bot.workspace.open_home(bot.ana)
    await bot.workspace.until(lambda: (home := bot.workspace.home(bot.ana)) and f"<#{bot.general}>" in view_text(home))
