"""One bot in two workspaces, which have nothing to do with each other."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.members import add_members
from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE, CHECK_DRAFT
from bot.slack.features.workflow import CALLBACK_ID as ANALYZE_STEP
from bot.slack.parsing.request import COMMAND
from bot.slack.transport.bolt_app import NOT_INSTALLED
from bot.store import installations
from bot.store.database import open_database
from slack_emulator import EventFault, Organization
from slack_emulator.payloads.events import event_callback
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.modals import current_modal, view_text, wait_for_modal
from tests.support.processes import poll
from tests.support.reports import DAY, NOW, POSITIVE_TEXT, set_clock
from tests.support.two_workspaces import TwoWorkspaces, run_bot_in_two_workspaces, teams_by_table
from tests.support.watching import bot_reactions, watch

pytestmark = pytest.mark.slow

TEXT = "What a wonderful, calm release"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    return f"sqlite:///{tmp_path}/bot.db"


@pytest.fixture(params=["separate", "organization"])
async def both(request: pytest.FixtureRequest, engine: Engine, url: str) -> AsyncIterator[TwoWorkspaces]:
    """Run one bot in two workspaces: installed in each of them, or for the organization that they belong to."""
    organization = Organization() if request.param == "organization" else None
    async with run_bot_in_two_workspaces(engine, url, organization=organization) as both:
        yield both


separate_only = pytest.mark.parametrize("both", ["separate"], indirect=True)
"""For tests of how a workspace's own installation ends; those of an organization are in test_organization."""


def teams_in(url: str) -> dict[str, set[str]]:
    """Return, for each table, the workspaces that it has rows of."""
    with open_database(url) as database:
        return database.run_sync(teams_by_table)


def is_silent(bot: RunningBot) -> bool:
    """Return whether the bot has posted and shown nothing in a workspace."""
    messages = [
        message
        for channel in bot.workspace.state.channels.values()
        for message in channel.messages.values()
        if message.user == bot.workspace.bot_user_id or message.reactions
    ]
    return not (messages or any(bot.workspace.state.modals.values()) or bot.workspace.state.homes)


async def test_installation_and_removal(engine: Engine, url: str) -> None:
    """The bot answers once it is installed; once it is uninstalled, all data of the workspace is deleted."""
    async with run_bot_in_two_workspaces(engine, url, install_both=False) as both:
        one = both.one
        await one.workspace.command(one.ana, one.dm, COMMAND, TEXT)
        assert (await one.wait_for_answer(one.ana, one.dm)).text == NOT_INSTALLED
        page = await both.install(one)
        assert (page.status, "It is now in Acme" in page.text) == (200, True)
        await watch(one)
        await one.command_in_dm(one.ben, "optout")
        await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
        await one.workspace.until(lambda: one.answers(one.ana, one.general)[-1].text.startswith("Positive"))
        answer = one.answers(one.ana, one.general)[-1]
        await one.workspace.press(one.ana, answer, "feedback_right")
        await one.workspace.until(lambda: "Thank" in one.answers(one.ana, one.general)[-1].text)
        every = {"optouts", "watches", "feedback", "installations"}
        assert {name for name, teams in teams_in(url).items() if teams} >= every
        one.workspace.uninstall()
        await poll(lambda: not any(teams_in(url).values()))


async def test_cancelled_installation(engine: Engine, url: str) -> None:
    """Cancelling the installation shows a page from which it can be started again."""
    async with run_bot_in_two_workspaces(engine, url, install_both=False) as both:
        page = await both.install(both.one, "deny")
        assert page.status == 200
        assert "Nothing was installed" in page.text
        assert "/slack/install" in page.text
    assert not any(teams_in(url).values())


async def test_requests(both: TwoWorkspaces) -> None:
    """Every kind of request is answered in its workspace, and nothing is sent to the other."""
    one, two = both.one, both.two
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.wait_for_answer(one.ana, one.general)
    await one.workspace.post(one.ana, one.general, f"{one.mention} {TEXT}")
    await one.wait_for_answer(one.ana, one.general, 2)
    await one.workspace.post(one.ana, one.dm, TEXT)
    await one.wait_for_answer(one.ana, one.dm)
    ts = await one.workspace.post(one.ben, one.general, TEXT)
    await one.workspace.react(one.ana, one.general, ts, "thermometer")
    await one.wait_for_answer(one.ana, one.general, 3)
    await one.workspace.shortcut(one.ana, ANALYZE_MESSAGE, channel=one.general, ts=ts)
    await wait_for_modal(one, one.ana, "Positive")
    await one.workspace.shortcut(one.ben, CHECK_DRAFT)
    await wait_for_modal(one, one.ben, "draft")
    await one.workspace.submit(one.ben, {"draft": TEXT})
    assert "Positive" in view_text(current_modal(one, one.ben))
    await one.workspace.open_home(one.ana)
    await one.workspace.until(lambda: one.workspace.home(one.ana))
    assert is_silent(two)
    assert [call.name for call in two.workspace.log if call.kind in ("api", "response_url")] in (["auth.test"], [])


async def test_opting_out(both: TwoWorkspaces) -> None:
    """Opting out in one workspace has no effect in the other."""
    one, two = both.one, both.two
    await one.command_in_dm(one.ben, "optout")
    for bot, refused in ((one, True), (two, False)):
        workspace, words = bot.workspace, "has opted out" if refused else "Positive"
        ts = await workspace.post(bot.ben, bot.general, TEXT)
        await workspace.react(bot.ana, bot.general, ts, "thermometer")
        assert words in (await bot.wait_for_answer(bot.ana, bot.general)).text
        await workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
        await wait_for_modal(bot, bot.ana, words)
        await workspace.post(bot.ana, bot.general, bot.mention, thread_ts=ts)
        assert words in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text
        step = await workspace.run_step(bot.ana, ANALYZE_STEP, {"text": TEXT, "channel": bot.general, "ts": ts})
        await workspace.until(lambda step=step: step.status != "running")  # type: ignore[misc] # of a lambda's default
        assert step.status == ("failed" if refused else "completed")
        await workspace.open_home(bot.ben)
        home = await workspace.until(lambda bot=bot: bot.workspace.home(bot.ben))  # type: ignore[misc] # likewise
        assert ("You have opted out" if refused else "You have not opted out") in view_text(home)


@pytest.mark.parametrize(
    "named",
    [
        {"team_id": "T0OTHER", "context_team_id": "{one}"},
        {"team_id": "T0OTHER", "context_team_id": "{one}", "authorizations": None},
        {"team_id": "{two}", "context_team_id": "{one}", "authorizations": []},
        {"team_id": "{one}", "context_team_id": "T0OTHER", "authorizations": []},
        {"team_id": "T0OTHER", "context_team_id": None, "authorizations": [{"team_id": None}, {"team_id": "{one}"}]},
        {"team_id": "T0OTHER", "context_team_id": None, "authorizations": [], "event": {"user_team": "{one}"}},
    ],
)
async def test_shared_channel(both: TwoWorkspaces, named: dict[str, Any]) -> None:
    """An event of a shared channel is handled in the workspace with the bot, however Slack names it."""
    one, ids = both.one, {"one": both.one.workspace.team_id, "two": both.two.workspace.team_id}
    await one.command_in_dm(one.ben, "optout")
    channel = one.workspace.state.channels[one.general]
    ts = one.workspace.messages.post(channel, one.ben, TEXT, bot_id="B0OTHER").ts
    item = {"type": "message", "channel": one.general, "ts": ts}
    event = {"type": "reaction_added", "user": one.ana, "reaction": "thermometer", "item": item, "event_ts": "1.1"}
    named = json.loads(re.sub(r"\{(one|two)\}", lambda match: ids[match[1]], json.dumps(named)))
    body = {**event_callback(one.workspace.state, event), "is_ext_shared_channel": True, **named}
    body["event"] = event | named.get("event", {})
    if "authorizations" not in named:
        del body["authorizations"]
    await one.workspace.delivery.deliver_event(body)
    assert "has opted out" in (await one.wait_for_answer(one.ana, one.general)).text


async def test_watching(both: TwoWorkspaces, url: str) -> None:
    """Watching a channel in one workspace has no effect on a channel of the same id in the other."""
    one, two = both.one, both.two
    await watch(one)
    await two.workspace.command(two.ana, two.general, COMMAND, "watch status")
    assert "don't watch" in (await two.wait_for_answer(two.ana, two.general)).text
    await two.workspace.command(two.ana, two.general, COMMAND, "unwatch")
    assert "don't watch" in (await two.wait_for_answer(two.ana, two.general, 2)).text
    unwatched = await two.workspace.post(two.ben, two.general, TEXT)
    watched = await one.workspace.post(one.ben, one.general, TEXT)
    await one.workspace.until(lambda: bot_reactions(one, watched))
    assert bot_reactions(two, unwatched) == set()
    await two.workspace.open_home(two.ana)
    home = await two.workspace.until(lambda: two.workspace.home(two.ana))
    assert f"<#{two.general}>" not in view_text(home)
    assert teams_in(url)["watches"] == {one.workspace.team_id}


async def test_feedback(both: TwoWorkspaces, url: str) -> None:
    """Feedback is stored for the workspace that it was given in."""
    two = both.two
    await two.workspace.command(two.ana, two.general, COMMAND, TEXT)
    await two.workspace.press(two.ana, await two.wait_for_answer(two.ana, two.general), "feedback_right")
    await two.workspace.until(lambda: "Thank" in text_in(two.answers(two.ana, two.general)[-1]))
    assert teams_in(url)["feedback"] == {two.workspace.team_id}


async def test_catching_up(both: TwoWorkspaces, engine: Engine) -> None:
    """Catch-up answers the missed messages of every workspace."""
    for bot in (both.one, both.two):
        bot.workspace.faults.add(EventFault(lost=True))
        await bot.workspace.post(bot.ana, bot.dm, TEXT)
    await app.caught_up(both.one.settings, engine, hours=1)
    for bot in (both.one, both.two):
        assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Positive")


@separate_only
async def test_uninstalling_one(both: TwoWorkspaces, url: str) -> None:
    """Uninstalling the bot from one workspace deletes nothing of the other."""
    one, two = both.one, both.two
    for bot in (one, two):
        await watch(bot)
        await bot.command_in_dm(bot.ben, "optout")
    before = teams_in(url)
    one.workspace.revoke(next(iter(one.workspace.state.tokens)))
    remaining = {name: teams - {one.workspace.team_id} for name, teams in before.items()}
    await poll(lambda: teams_in(url) == remaining)
    await two.workspace.command(two.ana, two.general, COMMAND, "watch status")
    await two.workspace.until(lambda: len(two.answers(two.ana, two.general)) == 3)
    assert "I watch this channel" in two.answers(two.ana, two.general)[-1].text


@separate_only
async def test_late_uninstall_event(both: TwoWorkspaces, url: str) -> None:
    """An `app_uninstalled` event that arrives after a new installation deletes nothing."""
    one = both.one
    late = event_callback(one.workspace.state, {"type": "app_uninstalled"}) | {"event_time": 1_700_000_000}
    assert await one.workspace.delivery.deliver_event(late)
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.wait_for_answer(one.ana, one.general)
    assert one.workspace.team_id in teams_in(url)["installations"]


@separate_only
async def test_uninstall_event_without_a_workspace(
    both: TwoWorkspaces, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An `app_uninstalled` event that does not say of which workspace deletes nothing, and is logged."""
    one = both.one
    body = event_callback(one.workspace.state, {"type": "app_uninstalled"})
    del body["team_id"]
    assert await one.workspace.delivery.deliver_event(body)
    await one.wait_until_processed()
    assert "Ignored app_uninstalled, which names no workspace" in caplog.text
    assert one.workspace.team_id in teams_in(url)["installations"]


@separate_only
async def test_uninstall_event_of_the_second_of_an_installation(both: TwoWorkspaces, url: str) -> None:
    """An `app_uninstalled` event of the second in which the bot was installed again deletes nothing."""
    one = both.one
    with open_database(url) as database:
        installed_at = database.run_sync(installations.installed_at, one.workspace.team_id)
    same_second = event_callback(one.workspace.state, {"type": "app_uninstalled"}) | {"event_time": installed_at}
    assert await one.workspace.delivery.deliver_event(same_second)
    await one.workspace.until(lambda: [call for call in one.workspace.log if call.name == "auth.test"][1:])
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.wait_for_answer(one.ana, one.general)
    assert one.workspace.team_id in teams_in(url)["installations"]


async def test_one_workspace_with_oauth_variables(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot for one workspace works although Bolt reads OAuth settings from the environment."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "12.34")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "0" * 32)
    async with run_bot(engine) as bot:
        await bot.workspace.command(bot.ana, bot.general, COMMAND, TEXT)
        await bot.wait_for_answer(bot.ana, bot.general)


async def test_uninstalling_the_only_one(engine: Engine, url: str) -> None:
    """A bot for one workspace, over Socket Mode, deletes all data when it is uninstalled."""
    async with run_bot(engine, database_url=url) as bot:
        await bot.command_in_dm(bot.ben, "optout")
        assert teams_in(url)["optouts"] == {bot.workspace.team_id}
        bot.workspace.uninstall()
        await poll(lambda: not any(teams_in(url).values()))


@separate_only
async def test_revoked_user_token(both: TwoWorkspaces, url: str) -> None:
    """Revoking a user token, of which the bot has none, deletes nothing."""
    one = both.one
    assert await one.workspace.deliver({"type": "tokens_revoked", "tokens": {"oauth": [one.ana], "bot": []}})
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.wait_for_answer(one.ana, one.general)
    assert one.workspace.team_id in teams_in(url)["installations"]


async def test_reports(both: TwoWorkspaces) -> None:
    """A report does not count messages in a channel of the same id in the other workspace."""
    for bot, messages in ((both.one, 2), (both.two, 1)):
        set_clock(bot, NOW)
        general = bot.workspace.state.channels[bot.general]
        for i in range(messages):
            for user in add_members(bot.workspace, bot.general):
                bot.workspace.messages.add_past(general, user, POSITIVE_TEXT, NOW - (i + 1) * DAY)
    for bot, words in ((both.two, "6 messages"), (both.one, "12 messages")):
        await bot.workspace.command(bot.ana, bot.general, COMMAND, "report")

        def is_reported(bot: RunningBot = bot, words: str = words) -> bool:
            return any(text_in(answer).count(f"\n{words}.") for answer in bot.answers(bot.ana, bot.dm))

        await bot.workspace.until(is_reported)
