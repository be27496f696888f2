"""What lies at the borders: other people's words, other workspaces, what was before, and a Slack or database away."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot import app
from bot.errors import BotError
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.features.analysis.blocks import SHARE
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE
from bot.slack.parsing.request import COMMAND
from bot.store import optouts
from bot.store.database import IN_MEMORY
from slack_emulator import ApiFault, Workspace, serve
from tests.scenarios.test_opting_out import opt
from tests.scenarios.test_watching import BAD, GOOD, all_done, marked, marks, watch
from tests.scenarios.test_windows import result
from tests.support.manifests import manifest
from tests.support.stage import HASTY, QUICK, Stage, staged

TEXT = "What a wonderful, calm release"
EXTERNAL = "T0EXTERNAL"


def unheard(stage: Stage, user: str) -> str:
    """Post a message that the bot is not told of, and return its ts."""
    channel = stage.workspace.state.channels[stage.general]
    return stage.workspace.messages.post(channel, user, TEXT, bot_id="B0SILENT").ts


async def test_a_forwarded_message(stage: Stage) -> None:
    """Words of somebody who opted out stay theirs when somebody else forwards them without a word."""
    await watch(stage)
    await opt(stage, stage.ben, "optout")
    forwarded = {"is_msg_unfurl": True, "is_share": True, "author_id": stage.ben, "text": TEXT, "fallback": TEXT}
    channel = stage.workspace.state.channels[stage.general]
    ts = stage.workspace.messages.post(channel, stage.chloe, "", attachments=[forwarded]).ts
    await all_done(stage)
    assert marks(stage, ts) == set()
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
    await result(stage, stage.ana, "nothing to classify")


@pytest.fixture
async def both(engine: Engine) -> AsyncIterator[tuple[Stage, AsyncApp]]:
    """A bot in its workspace, which may also be given what Slack would send it."""
    workspace = Workspace(manifest(features=FEATURES), schedule=QUICK)
    async with serve(workspace) as server:
        settings = Settings(
            slack_bot_token=workspace.bot_token,
            slack_app_token=workspace.app_token,
            slack_api_url=server.api_url,
            features=frozenset(FEATURES),
            database_url=IN_MEMORY,
        )
        async with app.connected(settings, engine, HASTY) as bot:
            yield Stage(workspace, settings), bot.app


def from_outside(stage: Stage, event: dict[str, object]) -> AsyncBoltRequest:
    """Wrap an event as Slack does where a channel is shared and somebody of another workspace is at work."""
    installed = {"team_id": stage.workspace.team_id, "user_id": stage.workspace.bot_user_id, "is_bot": True}
    body = {
        "type": "event_callback",
        "team_id": EXTERNAL,
        "is_ext_shared_channel": True,
        "authorizations": [{"enterprise_id": None, "is_enterprise_install": False, **installed}],
        "event": event,
    }
    return AsyncBoltRequest(body=body, mode="socket_mode")


async def test_a_shared_channel(both: tuple[Stage, AsyncApp]) -> None:
    """In a channel shared with another workspace the bot's own opt-outs and watched channels count."""
    stage, bolt = both
    await watch(stage)
    await opt(stage, stage.ben, "optout")
    before = len(stage.answers(stage.ana, stage.general))
    declined, judged = unheard(stage, stage.ben), unheard(stage, stage.chloe)
    item = {"type": "message", "channel": stage.general, "ts": declined}
    reaction = {"type": "reaction_added", "user": stage.ana, "reaction": "thermometer", "item": item}
    await bolt.async_dispatch(from_outside(stage, {**reaction, "event_ts": "1800000000.000100"}))
    post = {"channel": stage.general, "channel_type": "channel", "user": stage.chloe, "ts": judged, "text": TEXT}
    await bolt.async_dispatch(from_outside(stage, {"type": "message", **post}))
    await marked(stage, judged, GOOD)
    assert "has opted out" in (await stage.answer(stage.ana, stage.general, before + 1)).text


async def test_a_workspace_of_an_organization(both: tuple[Stage, AsyncApp]) -> None:
    """Where Slack names the organization instead of the workspace, a switch in App Home counts all the same."""
    stage, bolt = both
    home = stage.workspace.team_id
    body = {
        "type": "block_actions",
        "team": None,
        "enterprise": {"id": "E1", "name": "x"},
        "user": {"id": stage.ben, "team_id": home},
        "trigger_id": "t",
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "team_id": home, "type": "home", "hash": "h", "blocks": []},
        "actions": [{"type": "button", "action_id": "opt_out", "block_id": "b", "action_ts": "1"}],
    }
    await bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    await stage.workspace.until(lambda: stage.workspace.home(stage.ben))
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    assert "has opted out" in (await stage.answer(stage.ana, stage.general)).text


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}, {"error": "restricted_action"}])
async def test_a_channel_that_could_not_be_told(stage: Stage, fault: dict[str, object]) -> None:
    """Whatever kept the bot from telling a channel that it watches it, it does not watch it."""
    stage.workspace.faults.add(ApiFault("chat.postMessage", times=None, **fault))  # type: ignore[arg-type] # of several types
    await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch")
    assert "could not announce" in (await stage.answer(stage.ana, stage.general)).text
    stage.workspace.faults.clear()
    await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch status")
    assert "don't watch" in (await stage.answer(stage.ana, stage.general, 2)).text


async def test_what_was_before(engine: Engine, tmp_path: object) -> None:
    """A message of before a channel was watched gets no emoji, not even where the bot catches up."""
    async with staged(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as stage:
        ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
        await watch(stage)
        await app.caught_up(stage.settings, engine, 1, HASTY)
        assert marks(stage, ts) == set()


async def test_an_edit_after_the_settings_changed(stage: Stage) -> None:
    """An edit takes the old emoji back also where the settings name another by now."""
    await watch(stage)
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await marked(stage, ts, GOOD)
    await stage.workspace.press(stage.ana, stage.answers(stage.ana, stage.general)[-1], "open_watch_settings")
    await result(stage, stage.ana, "Emoji for NEUTRAL")
    assert (await stage.workspace.submit(stage.ana, {"positive": "tada"})).ok
    await stage.workspace.edit(stage.ben, stage.general, ts, "What an awful, hectic release")
    await marked(stage, ts, BAD)


async def test_an_edit_while_slack_stumbles(stage: Stage) -> None:
    """Where Slack does not say which emoji is there, none is put beside it."""
    await watch(stage)
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await marked(stage, ts, GOOD)
    stage.workspace.faults.add(ApiFault("reactions.get", error="internal_error", times=5))
    await stage.workspace.edit(stage.ben, stage.general, ts, "What an awful, hectic release")
    await all_done(stage)
    assert marks(stage, ts) == {GOOD}


@pytest.mark.parametrize("event", ["channel_left", "group_left"])
async def test_taken_out_of_a_channel(stage: Stage, event: str) -> None:
    """Who takes the bot out of a channel has ended the watching too: invited again, it begins nothing by itself."""
    await watch(stage)
    assert await stage.workspace.deliver({"type": event, "channel": stage.general, "actor_id": stage.ana})
    for asked in range(3, 23):  # an event is acknowledged before it is dealt with
        await stage.workspace.command(stage.ana, stage.general, COMMAND, "watch status")
        if "don't watch" in (await stage.answer(stage.ana, stage.general, asked)).text:
            return
    pytest.fail("it watches on")


@pytest.mark.parametrize("name", ["🙂", "No&Such*Emoji*", "a b"])
async def test_no_emoji(stage: Stage, name: str) -> None:
    """What is no emoji's name is said to be none, in the window."""
    await watch(stage)
    await stage.workspace.press(stage.ana, stage.answers(stage.ana, stage.general)[-1], "open_watch_settings")
    await result(stage, stage.ana, "Emoji for NEUTRAL")
    outcome = await stage.workspace.submit(stage.ana, {"positive": name})
    assert "The name of an emoji" in str(outcome.payload)


async def test_the_database_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the database away each door says that it did not work, and nothing stays at "Reading…"."""
    ts = await stage.workspace.post(stage.ben, stage.general, TEXT)
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    answer = await stage.answer(stage.ana, stage.general)

    def away(*_: object) -> bool:
        raise BotError("away")

    monkeypatch.setattr(optouts, "is_opted_out", away)
    monkeypatch.setattr(optouts, "remove", away)
    await stage.workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
    await result(stage, stage.ana, "went wrong")
    await stage.workspace.press(stage.ana, answer, SHARE)
    assert "went wrong" in (await stage.answer(stage.ana, stage.general, 2)).text
    await stage.workspace.command(stage.ana, stage.general, COMMAND, "optin")
    assert "went wrong" in (await stage.answer(stage.ana, stage.general, 3)).text
