"""Edge cases: forwarded messages, shared channels, changed settings, and failures of Slack or the database."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot import app
from bot.errors import BotError
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES
from bot.slack.features.analysis.blocks import SHARE
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE
from bot.slack.parsing.request import COMMAND
from bot.store import optouts
from slack_emulator import ApiFault, Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, FAST_TIMING, RunningBot, bot_settings, run_bot, text_in
from tests.support.manifests import manifest
from tests.support.modals import wait_for_modal
from tests.support.watching import (
    NEGATIVE_EMOJI,
    POSITIVE_EMOJI,
    bot_reactions,
    wait_for_reaction,
    watch,
)

TEXT = "What a wonderful, calm release"
EXTERNAL = "T0EXTERNAL"


def post_unnoticed(bot: RunningBot, user: str) -> str:
    """Post a message that the bot ignores, as another bot's; return its ts."""
    channel = bot.workspace.state.channels[bot.general]
    return bot.workspace.messages.post(channel, user, TEXT, bot_id="B0OTHER").ts


async def test_forwarded_message(bot: RunningBot) -> None:
    """A forwarded message of a user who has opted out is not analysed."""
    await watch(bot)
    await bot.command_in_dm(bot.ben, "optout")
    forwarded = {"is_msg_unfurl": True, "is_share": True, "author_id": bot.ben, "text": TEXT, "fallback": TEXT}
    channel = bot.workspace.state.channels[bot.general]
    ts = bot.workspace.messages.post(channel, bot.chloe, "", attachments=[forwarded]).ts
    await bot.wait_until_processed()
    assert bot_reactions(bot, ts) == set()
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    await wait_for_modal(bot, bot.ana, "nothing to classify")


@pytest.fixture
async def bot_and_app(engine: Engine) -> AsyncIterator[tuple[RunningBot, AsyncApp]]:
    """Run the bot; yield its Bolt app too, to which requests can be sent directly."""
    workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        settings = bot_settings(workspace, server.api_url)
        async with app.connected(settings, engine, FAST_TIMING) as assembled:
            yield RunningBot(workspace, settings), assembled.app


def external_event(bot: RunningBot, event: dict[str, object]) -> AsyncBoltRequest:
    """Return the request for an event in a shared channel that is caused from another workspace."""
    installed = {"team_id": bot.workspace.team_id, "user_id": bot.workspace.bot_user_id, "is_bot": True}
    body = {
        "type": "event_callback",
        "team_id": EXTERNAL,
        "is_ext_shared_channel": True,
        "authorizations": [{"enterprise_id": None, "is_enterprise_install": False, **installed}],
        "event": event,
    }
    return AsyncBoltRequest(body=body, mode="socket_mode")


async def test_shared_channel(bot_and_app: tuple[RunningBot, AsyncApp]) -> None:
    """In a channel shared with another workspace, the opt-outs and watched channels of the bot's workspace apply."""
    bot, bolt = bot_and_app
    await watch(bot)
    await bot.command_in_dm(bot.ben, "optout")
    before = len(bot.answers(bot.ana, bot.general))
    refused, classified = post_unnoticed(bot, bot.ben), post_unnoticed(bot, bot.chloe)
    item = {"type": "message", "channel": bot.general, "ts": refused}
    reaction = {"type": "reaction_added", "user": bot.ana, "reaction": "thermometer", "item": item}
    await bolt.async_dispatch(external_event(bot, {**reaction, "event_ts": "1800000000.000100"}))
    post = {"channel": bot.general, "channel_type": "channel", "user": bot.chloe, "ts": classified, "text": TEXT}
    await bolt.async_dispatch(external_event(bot, {"type": "message", **post}))
    await wait_for_reaction(bot, classified, POSITIVE_EMOJI)
    assert "has opted out" in (await bot.wait_for_answer(bot.ana, bot.general, before + 1)).text


async def test_opt_out_from_another_workspace(bot_and_app: tuple[RunningBot, AsyncApp]) -> None:
    """The notice in a watched channel says how somebody from another workspace opts out, and that way works."""
    bot, bolt = bot_and_app
    await watch(bot)
    (notice,) = bot.answers(bot.chloe, bot.general)
    assert "From another organization: mention me with `optout`" in text_in(notice)
    post: dict[str, object] = {"channel": bot.general, "user": bot.chloe, "ts": "1800000000.000100"}
    opt_out = {"type": "app_mention", **post, "user_team": EXTERNAL, "text": f"{bot.mention} optout"}
    await bolt.async_dispatch(external_event(bot, opt_out))
    assert "I don't analyse your messages" in (await bot.wait_for_answer(bot.chloe, bot.general, 2)).text
    ts = post_unnoticed(bot, bot.chloe)
    item = {"type": "message", "channel": bot.general, "ts": ts}
    before = len(bot.answers(bot.ana, bot.general))
    reaction = {"type": "reaction_added", "user": bot.ana, "reaction": "thermometer", "item": item}
    await bolt.async_dispatch(external_event(bot, {**reaction, "event_ts": "1800000000.000200"}))
    assert "has opted out" in (await bot.wait_for_answer(bot.ana, bot.general, before + 1)).text


@pytest.mark.parametrize("authorizations", [None, []])
async def test_shared_channel_without_authorizations(
    bot_and_app: tuple[RunningBot, AsyncApp], authorizations: object
) -> None:
    """An event that names only the other workspace of a shared channel is handled as one of the bot's workspace."""
    bot, bolt = bot_and_app
    await bot.command_in_dm(bot.ben, "optout")
    item = {"type": "message", "channel": bot.general, "ts": post_unnoticed(bot, bot.ben)}
    reaction = {"type": "reaction_added", "user": bot.ana, "reaction": "thermometer", "item": item}
    request = external_event(bot, {**reaction, "event_ts": "1800000000.000100"})
    body = {**request.body, "authorizations": authorizations}
    await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert "has opted out" in (await bot.wait_for_answer(bot.ana, bot.general)).text


@pytest.mark.parametrize(
    ("action", "answer", "seen_by_others"),
    [("show_tokens", "the odds of", False), ("share", "Shared by", True), ("feedback_right", "Thank you", False)],
)
async def test_button_without_response_url(
    bot_and_app: tuple[RunningBot, AsyncApp], action: str, answer: str, seen_by_others: bool
) -> None:
    """A button is answered by a message of its own if Slack gives no address for the answer."""
    bot, bolt = bot_and_app
    result = await bot.run_command(TEXT)
    pressed = next(
        {**element, "block_id": block["block_id"], "action_ts": "1"}
        for block in result.blocks
        for element in block.get("elements", [])
        if element.get("action_id") == action
    )
    body = {
        "type": "block_actions",
        "team": {"id": bot.workspace.team_id},
        "user": {"id": bot.ana},
        "trigger_id": "t",
        "container": {"type": "message", "message_ts": result.ts, "channel_id": bot.general, "is_ephemeral": True},
        "channel": {"id": bot.general},
        "actions": [pressed],
    }
    await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert answer in text_in(await bot.wait_for_answer(bot.ana, bot.general, 2))
    assert len(bot.answers(bot.chloe, bot.general)) == seen_by_others


async def test_organization(bot_and_app: tuple[RunningBot, AsyncApp]) -> None:
    """Opting out in App Home works where the payload names the organization instead of the workspace."""
    bot, bolt = bot_and_app
    home = bot.workspace.team_id
    body = {
        "type": "block_actions",
        "team": None,
        "enterprise": {"id": "E1", "name": "x"},
        "user": {"id": bot.ben, "team_id": home},
        "trigger_id": "t",
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "team_id": home, "type": "home", "hash": "h", "blocks": []},
        "actions": [{"type": "button", "action_id": "opt_out", "block_id": "b", "action_ts": "1"}],
    }
    await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    await bot.workspace.until(lambda: bot.workspace.home(bot.ben))
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    assert "has opted out" in (await bot.wait_for_answer(bot.ana, bot.general)).text


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}, {"error": "restricted_action"}])
async def test_failed_announcement(bot: RunningBot, fault: dict[str, object]) -> None:
    """A channel is not watched if the announcement fails, for whatever reason."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", times=None, **fault))  # type: ignore[arg-type] # of several types
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch")
    assert "could not announce" in (await bot.wait_for_answer(bot.ana, bot.general)).text
    bot.workspace.faults.clear()
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch status")
    assert "don't watch" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text


async def test_messages_before_watching(engine: Engine, tmp_path: object) -> None:
    """Messages from before a channel was watched get no reaction, not even from catch-up."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
        await watch(bot)
        await app.caught_up(bot.settings, engine, 1, FAST_TIMING)
        assert bot_reactions(bot, ts) == set()


async def test_edit_after_changed_settings(bot: RunningBot) -> None:
    """An edit removes the old reaction even if the settings have changed since."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
    await bot.workspace.press(bot.ana, bot.answers(bot.ana, bot.general)[-1], "open_watch_settings")
    await wait_for_modal(bot, bot.ana, "Emoji for Neutral")
    assert (await bot.workspace.submit(bot.ana, {"positive": "tada"})).ok
    await bot.workspace.edit(bot.ben, bot.general, ts, "What an awful, hectic release")
    await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)


async def test_edit_while_slack_fails(bot: RunningBot) -> None:
    """If Slack does not return the reactions of an edited message, they are corrected later."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
    bot.workspace.faults.add(ApiFault("reactions.get", error="internal_error", times=5))
    await bot.workspace.edit(bot.ben, bot.general, ts, "What an awful, hectic release")
    await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)
    assert not bot.workspace.faults.api


@pytest.mark.parametrize("event", ["channel_left", "group_left"])
async def test_removed_from_a_channel(bot: RunningBot, event: str) -> None:
    """Removing the bot from a channel turns watching off."""
    await watch(bot)
    assert await bot.workspace.deliver({"type": event, "channel": bot.general, "actor_id": bot.ana})
    for count in range(3, 23):  # an event is acknowledged before it is handled
        await bot.workspace.command(bot.ana, bot.general, COMMAND, "watch status")
        if "don't watch" in (await bot.wait_for_answer(bot.ana, bot.general, count)).text:
            return
    pytest.fail("the channel is still watched")


@pytest.mark.parametrize("name", ["🙂", "No&Such*Emoji*", "a b"])
async def test_invalid_emoji(bot: RunningBot, name: str) -> None:
    """An invalid emoji name is reported in the modal."""
    await watch(bot)
    await bot.workspace.press(bot.ana, bot.answers(bot.ana, bot.general)[-1], "open_watch_settings")
    await wait_for_modal(bot, bot.ana, "Emoji for Neutral")
    outcome = await bot.workspace.submit(bot.ana, {"positive": name})
    assert "The name of an emoji" in str(outcome.payload)


async def test_database_failure(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the database fails, the modal, the button and the command say so."""
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    answer = await bot.wait_for_answer(bot.ana, bot.general)

    def fail(*_: object) -> bool:
        raise BotError("unavailable")

    monkeypatch.setattr(optouts, "is_opted_out", fail)
    monkeypatch.setattr(optouts, "remove", fail)
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    await wait_for_modal(bot, bot.ana, "went wrong")
    await bot.workspace.press(bot.ana, answer, SHARE)
    assert "went wrong" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "optin")
    assert "went wrong" in (await bot.wait_for_answer(bot.ana, bot.general, 3)).text
