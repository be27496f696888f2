"""Catch-up: after an outage the bot answers what it missed, once, in order, and says that it is late."""

import time
from dataclasses import replace
from pathlib import Path

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import ATTEMPTS
from bot.slack.client.slack_client import SlackClient
from bot.slack.parsing.request import COMMAND
from bot.store.channels import watches
from bot.store.database import open_database
from slack_emulator import ApiFault, EventFault, serve
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.shared_workspace import SharedWorkspace, bot_messages, expire_leases
from tests.support.watching import NEGATIVE_EMOJI, POSITIVE_EMOJI, wait_for_reaction, watch

LATE = "this answer is late"


async def client(bot: app.Bot) -> SlackClient:
    """Return the client of the bot's only workspace."""
    return await anext(aiter(bot.services.workspaces.all()))


async def test_outage(engine: Engine, tmp_path: Path) -> None:
    """Messages, mentions, watched messages and replies, and reactions of an outage are answered."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, ben, general = workspace.user_id("ana"), workspace.user_id("ben"), workspace.channel_id("general")
    random, dm = workspace.channel_id("random"), workspace.dm_id("ana")
    began = time.time() - 3 * 3600
    workspace.state.clock = lambda: time.time() - 3 * 3600
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.command(ana, general, COMMAND, "watch")
            await bot.wait_for_answer(ana, general, 2)
            old = await workspace.post(ben, general, "What a lovely day")
            await workspace.until(lambda: workspace.message(general, old).reactions)
            await workspace.post(ana, dm, "I love this")
            await bot.wait_for_answer(ana, dm)
        expire_leases(shared, seen=began)
        workspace.faults.add(EventFault(lost=True, times=None))
        before = len(bot_messages(workspace, general))
        missed = [await workspace.post(ana, dm, text) for text in ("I hate this", "I love that")]
        mention = await workspace.post(ben, general, f"{bot.mention} this is awful")
        watched = await workspace.post(ben, general, "I love this release")
        reply = await workspace.post(ana, general, "What a disaster", thread_ts=old)
        reacted = await workspace.post(ben, random, "This is a disaster")
        await workspace.react(ana, random, reacted, "thermometer")
        workspace.state.clock = time.time
        workspace.faults.events.clear()
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.until(lambda: len(bot_messages(workspace, dm)) == 3, timeout=60)
            await workspace.until(lambda: workspace.replies(general, mention), timeout=60)
            await workspace.until(lambda: workspace.message(general, watched).reactions, timeout=60)
            await workspace.until(lambda: workspace.message(general, reply).reactions, timeout=60)
            await workspace.until(lambda: bot_messages(workspace, random), timeout=60)
            await bot.assert_answer_count(3, ana, dm)
    assert [message.text.split()[0] for message in bot_messages(workspace, dm)[1:]] == ["Negative", "Positive"]
    answered = [(m.metadata or {})["event_payload"]["ts"] for m in bot_messages(workspace, dm)[1:]]
    assert answered == missed
    late = [*bot_messages(workspace, dm)[1:], *workspace.replies(general, mention), *bot_messages(workspace, random)]
    assert all(LATE in text_in(message) for message in late)
    assert len(bot_messages(workspace, general)) == before + 1
    assert len(bot_messages(workspace, random)) == 1
    assert [*workspace.message(general, old).reactions.values()] == [[workspace.bot_user_id]]


async def test_no_duplicates(engine: Engine, tmp_path: Path) -> None:
    """Catch-up over the whole day answers nothing that has been answered."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, general, dm = workspace.user_id("ana"), workspace.channel_id("general"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.post(ana, dm, "I love this")
            mention = await workspace.post(ana, general, f"{bot.mention} I love this")
            await workspace.react(ana, general, mention, "thermometer")
            await workspace.until(lambda: len(bot_messages(workspace, general)) == 2)
            await bot.wait_for_answer(ana, dm)
        read, handled = await app.caught_up(bot.settings, engine, 24, FAST_TIMING)
        assert read >= 4
        assert handled == 0
    assert len(bot_messages(workspace, dm)) == 1
    assert len(bot_messages(workspace, general)) == 2


async def test_unreadable_conversation(engine: Engine, tmp_path: Path) -> None:
    """If Slack refuses the history of one conversation, catch-up answers what was missed in the others, and is done."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    people = [workspace.user_id(name) for name in ("ana", "ben", "chloe")]
    for person in people:
        await workspace.post(person, workspace.state.dm(person).id, "I love this")
    workspace.faults.add(ApiFault("conversations.history", error="channel_not_found"))
    async with serve(workspace) as server:
        settings = shared.settings(server.api_url).model_copy(update={"features": frozenset()})  # reads no channels
        assert await app.caught_up(settings, engine, 24, FAST_TIMING) == (2, 2)
    answers = [len(bot_messages(workspace, workspace.state.dm(person).id)) for person in people]
    assert sorted(answers) == [0, 1, 1]


async def test_messages_from_before_watching(engine: Engine, tmp_path: Path) -> None:
    """Catch-up leaves messages alone that were written before the channel was told that it is watched."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, ben, general = workspace.user_id("ana"), workspace.user_id("ben"), workspace.channel_id("general")
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        before = await workspace.post(ben, general, "What a lovely day")
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.command(ana, general, COMMAND, "watch")
            await bot.wait_for_answer(ana, general, 2)
        after = await workspace.post(ben, general, "I love this release")
        await app.caught_up(bot.settings, engine, 24, FAST_TIMING)
    assert workspace.message(general, after).reactions
    assert not workspace.message(general, before).reactions


async def test_channels_that_were_left(engine: Engine, tmp_path: Path) -> None:
    """A channel that the bot was removed from during an outage is no longer watched; an archived one still is."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        channels = [bot.general, workspace.channel_id("random")]
        async with app.connected(bot.settings, engine, FAST_TIMING):
            for channel in channels:
                await workspace.command(bot.ana, channel, COMMAND, "watch")
                await bot.wait_for_answer(bot.ana, channel, 2)
        general, random = (workspace.state.channels[channel] for channel in channels)
        for left in (general, random):
            left.members.remove(workspace.bot_user_id)
        random.is_archived = True  # Slack lists no members then
        workspace.faults.add(ApiFault("conversations.info", error="access_denied", times=2))
        url = bot.settings.database_url.get_secret_value()
        for expected in (set(channels), {random.id}):  # what Slack does not tell says nothing about a channel
            await app.caught_up(bot.settings, engine, 24, FAST_TIMING)
            with open_database(url) as database:
                assert database.run_sync(watches.watched_channels, workspace.team_id) == expected


async def test_missed_reactions(engine: Engine, tmp_path: Path) -> None:
    """A missed trigger emoji is a request in any skin tone; the bot's own reaction with that emoji is none."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, general = workspace.user_id("ana"), workspace.channel_id("general")
    message = workspace.message(general, await workspace.post(ana, general, "I love this"))
    workspace.messages.react(message, ana, "+1::skin-tone-3")
    workspace.messages.react(message, workspace.bot_user_id, "+1")
    async with serve(workspace) as server:
        settings = shared.settings(server.api_url).model_copy(update={"trigger_emoji": "+1"})
        _, handled = await app.caught_up(settings, engine, 24, FAST_TIMING)
    assert handled == 1
    assert len(RunningBot(workspace, settings).answers(ana, general)) == 1


async def test_mention_in_an_edit(engine: Engine, tmp_path: Path) -> None:
    """A message from before the outage that was edited to mention the bot is answered, and is not late."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, general = workspace.user_id("ana"), workspace.channel_id("general")
    workspace.state.clock = lambda: time.time() - 3600
    ts = await workspace.post(ana, general, "I hate this")
    workspace.state.clock = time.time
    await workspace.edit(ana, general, ts, f"<@{workspace.bot_user_id}> I hate this")
    async with serve(workspace) as server:
        await app.caught_up(shared.settings(server.api_url), engine, 0.5, FAST_TIMING)
        assert bot_messages(workspace, general) == []  # it reads no further back
        async with app.connected(shared.settings(server.api_url), engine, FAST_TIMING) as bot:
            assert await bot.catch_up.run(await client(bot), time.time() - 7200, time.time() - 1800) > 0
    (answer,) = bot_messages(workspace, general)
    assert (answer.thread_ts, LATE in text_in(answer)) == (ts, False)


async def test_edit_of_a_watched_message(engine: Engine, tmp_path: Path) -> None:
    """The emoji of a watched message that was edited during the outage is corrected."""
    shared = SharedWorkspace(tmp_path)
    async with serve(shared.workspace) as server:
        bot = RunningBot(shared.workspace, shared.settings(server.api_url))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await watch(bot)
            ts = await shared.workspace.post(bot.ana, bot.general, "I love this")
            await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
        shared.workspace.faults.add(EventFault("message", lost=True))
        await shared.workspace.edit(bot.ana, bot.general, ts, "I hate this")
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)


async def test_slack_unavailable(engine: Engine) -> None:
    """Answers that could not be posted are posted by a later catch-up."""
    async with run_bot(engine, timing=replace(FAST_TIMING, catch_up_retry=0)) as bot:
        bot.workspace.faults.add(ApiFault("chat.postMessage", status=503, times=12))
        for text in ("I love this", "I hate this"):
            await bot.workspace.post(bot.ana, bot.dm, text)
        await bot.workspace.until(lambda: len(bot.answers(bot.ana, bot.dm)) == 2, timeout=60)
        await bot.assert_answer_count(2, bot.ana, bot.dm)


async def test_history_unavailable(engine: Engine, tmp_path: Path) -> None:
    """If Slack fails while a history is read, catch-up is tried again until all is answered."""
    shared = SharedWorkspace(tmp_path)
    workspace = shared.workspace
    ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")
    async with serve(workspace) as server:
        bot = RunningBot(workspace, shared.settings(server.api_url))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.post(ana, dm, "I love this")
            await bot.wait_for_answer(ana, dm)
        missed = await workspace.post(ana, dm, "I hate this")
        workspace.faults.add(ApiFault("conversations.history", status=503, times=ATTEMPTS))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await workspace.until(lambda: len(bot_messages(workspace, dm)) == 2, timeout=60)
        assert bot_messages(workspace, dm)[-1].ts > missed
