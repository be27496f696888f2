"""One bot that an organization has installed for its workspaces."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from bot import app
from bot.errors import ConfigurationError
from bot.sentiment.engine.engine import Engine
from bot.slack.parsing.request import COMMAND
from bot.slack.transport.bolt_app import NOT_INSTALLED
from bot.store.database import open_database
from bot.store.schema import granted_workspaces
from slack_emulator import ApiFault, EventFault, Organization, Workspace, serve
from slack_emulator.payloads.events import organization_callback
from tests.support.bot_in_emulator import RunningBot, bot_settings
from tests.support.manifests import manifest
from tests.support.processes import poll
from tests.support.two_workspaces import TwoWorkspaces, install, run_bot_in_two_workspaces, teams_by_table
from tests.support.watching import watch

pytestmark = pytest.mark.slow

TEXT = "What a wonderful, calm release"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    return f"sqlite:///{tmp_path}/bot.db"


@pytest.fixture
async def both(engine: Engine, url: str) -> AsyncIterator[TwoWorkspaces]:
    """Run one bot that an organization has installed for two workspaces."""
    async with run_bot_in_two_workspaces(engine, url, organization=Organization()) as both:
        yield both


def teams_in(url: str) -> dict[str, set[str]]:
    """Return, for each table, the workspaces that it has rows of."""
    with open_database(url) as database:
        return database.run_sync(teams_by_table)


def granted_in(url: str) -> set[str]:
    """Return the workspaces that the database has as granted."""
    with open_database(url) as database:
        return database.run_sync(lambda connection: {*connection.scalars(sql.select(granted_workspaces.c.workspace))})


def organization_of(both: TwoWorkspaces) -> Organization:
    """Return the organization of the workspaces."""
    assert both.organization
    return both.organization


async def ask(bot: RunningBot) -> str:
    """Use the command as Ana, and return the answer."""
    return (await bot.run_command(TEXT)).text


async def test_installation(engine: Engine, url: str) -> None:
    """The consent page offers the organization; the bot answers in a workspace as soon as that is granted."""
    organization = Organization("Acme & Co")
    async with run_bot_in_two_workspaces(engine, url, organization=organization, install_both=False) as both:
        page = await install(both.address, organization.id)
        assert (page.status, "available to Acme &amp; Co" in page.text) == (200, True)
        assert await ask(both.one) == NOT_INSTALLED
        both.one.workspace.oauth_app.grant(both.one.workspace)
        await both.one.wait_until_processed()
        assert (await both.one.run_command(TEXT, user=both.one.ben)).text.startswith("Positive")
        assert await ask(both.two) == NOT_INSTALLED


async def test_lost_grant(engine: Engine, url: str) -> None:
    """A workspace whose grant the bot has not been told of is served from its first request on."""
    organization = Organization()
    async with run_bot_in_two_workspaces(engine, url, organization=organization, install_both=False) as both:
        organization.granted.add(both.one.workspace.team_id)
        await install(both.address, organization.id)
        both.two.workspace.faults.add(EventFault("team_access_granted", lost=True))
        both.two.workspace.oauth_app.grant(both.two.workspace)
        assert (await ask(both.one)).startswith("Positive")
        assert await ask(both.two) == NOT_INSTALLED  # Slack was asked less than a minute ago
        await app.caught_up(both.two.settings, engine, hours=1)
        assert (await both.two.run_command(TEXT, user=both.two.ben)).text.startswith("Positive")


async def test_revoked_workspace(both: TwoWorkspaces, url: str) -> None:
    """A revoked workspace's data is deleted, and nothing is sent to it; the other one's stays."""
    one, two = both.one, both.two
    for bot in (one, two):
        await watch(bot)
        await bot.command_in_dm(bot.ben, "optout")
    before = teams_in(url)
    one.workspace.oauth_app.revoke_access(one.workspace)
    remaining = {name: teams - {one.workspace.team_id} for name, teams in before.items()}
    await poll(lambda: teams_in(url) == remaining)
    assert granted_in(url) == {two.workspace.team_id}
    calls = len([call for call in one.workspace.log if call.kind == "api"])
    assert (await one.run_command("watch status", user=one.chloe)).text == NOT_INSTALLED
    await two.workspace.command(two.ana, two.general, COMMAND, "watch status")
    await two.workspace.until(lambda: "I watch this channel" in two.answers(two.ana, two.general)[-1].text)
    assert len([call for call in one.workspace.log if call.kind == "api"]) == calls


@pytest.mark.parametrize("seconds", [-3600, 0, 3600])
async def test_granted_again(both: TwoWorkspaces, url: str, seconds: int) -> None:
    """A `team_access_revoked` that arrives after the workspace was granted again deletes nothing."""
    one = both.one
    await one.command_in_dm(one.ben, "optout")
    event = {"type": "team_access_revoked", "team_ids": [one.workspace.team_id]}
    body = organization_callback(one.workspace.state, organization_of(both), event)
    assert await one.workspace.delivery.deliver_event(body | {"event_time": body["event_time"] + seconds})
    await one.wait_until_processed()
    assert one.workspace.team_id in teams_in(url)["optouts"]
    assert (await ask(one)).startswith("Positive")


async def test_revocation_that_cannot_be_checked(
    both: TwoWorkspaces, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """If Slack does not say which workspaces are granted, a revocation deletes nothing, and the log says what to do."""
    one = both.one
    await one.command_in_dm(one.ben, "optout")
    one.workspace.faults.add(ApiFault("auth.teams.list", error="fatal_error", times=50))
    one.workspace.oauth_app.revoke_access(one.workspace)
    await poll(lambda: f"Delete it by hand: sentiment-bot forget --team {one.workspace.team_id}" in caplog.text)
    assert one.workspace.team_id in teams_in(url)["optouts"]


async def test_organization_in_place_of_a_workspace(both: TwoWorkspaces, url: str) -> None:
    """An uninstallation that names the organization where others name the workspace deletes the same."""
    await both.one.command_in_dm(both.one.ben, "optout")
    body = organization_callback(both.one.workspace.state, organization_of(both), {"type": "app_uninstalled"})
    changes = {"authorizations": [], "team_id": organization_of(both).id, "event_time": body["event_time"] + 60}
    assert await both.one.workspace.delivery.deliver_event(body | changes)
    await poll(lambda: not any(teams_in(url).values()))
    assert granted_in(url) == set()


async def test_uninstalled_organization(both: TwoWorkspaces, url: str) -> None:
    """If the organization uninstalls the bot, its token and the data of all its workspaces are deleted."""
    for bot in (both.one, both.two):
        await watch(bot)
        await bot.command_in_dm(bot.ben, "optout")
    both.one.workspace.oauth_app.uninstall_organization()
    await poll(lambda: not any(teams_in(url).values()))
    assert granted_in(url) == set()
    assert (await both.one.run_command(TEXT, user=both.one.chloe)).text == NOT_INSTALLED


async def test_own_installation_wins(both: TwoWorkspaces, url: str) -> None:
    """A workspace that has installed the bot itself is served by that, and keeps its data without the organization."""
    one, two = both.one, both.two
    assert (await both.install(two)).status == 200
    await two.command_in_dm(two.ben, "optout")
    one.workspace.oauth_app.revoke_access(two.workspace)
    one.workspace.oauth_app.uninstall_organization()
    await poll(lambda: teams_in(url)["installations"] == {two.workspace.team_id})
    assert teams_in(url)["optouts"] == {two.workspace.team_id}
    assert (await ask(two)).startswith("Positive")


async def test_own_installation_ends(both: TwoWorkspaces, url: str) -> None:
    """When a workspace ends its own installation its data is deleted, and the organization's serves it again."""
    two = both.two
    await both.install(two)
    await two.command_in_dm(two.ben, "optout")
    two.workspace.uninstall()
    await poll(lambda: teams_in(url)["installations"] == {organization_of(both).id})
    assert teams_in(url)["optouts"] == set()
    assert (await ask(two)).startswith("Positive")


async def test_person_in_both_workspaces(both: TwoWorkspaces) -> None:
    """Somebody who is in two workspaces of the organization opts out in one of them."""
    one, two = both.one, both.two
    ben = two.workspace.state.users[one.ben] = one.workspace.state.users[one.ben]
    two.workspace.state.channels[two.general].members.append(ben.id)
    await one.command_in_dm(ben.id, "optout")
    for bot, words in ((one, "has opted out"), (two, "Positive")):
        ts = await bot.workspace.post(ben.id, bot.general, TEXT)
        await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
        assert words in (await bot.wait_for_answer(bot.ana, bot.general)).text


async def test_direct_message_that_both_workspaces_list(both: TwoWorkspaces, engine: Engine) -> None:
    """A missed message in a conversation that Slack lists for two workspaces of the organization is answered once."""
    one, two = both.one, both.two
    two.workspace.state.channels[one.dm] = one.workspace.state.channels[one.dm]
    one.workspace.faults.add(EventFault(lost=True))
    await one.workspace.post(one.ana, one.dm, TEXT)
    await app.caught_up(one.settings, engine, hours=1)
    await one.assert_answer_count(1, one.ana, one.dm)


@pytest.mark.parametrize(
    "changes",
    [
        {"authorizations": []},
        {"authorizations": None, "team_id": None, "context_team_id": None},
        {"authorizations": [{"enterprise_id": None, "team_id": None, "is_enterprise_install": True}], "team_id": None},
        {"authorizations": ["E", None], "team_id": None, "context_team_id": None, "enterprise_id": "E0OTHER"},
    ],
)
async def test_malformed_uninstallation(both: TwoWorkspaces, url: str, changes: dict[str, Any]) -> None:
    """An uninstallation that does not name this organization deletes nothing."""
    event = {"type": "app_uninstalled"}
    nameless = {"enterprise_id": None, "context_enterprise_id": None}
    body = organization_callback(both.one.workspace.state, organization_of(both), event) | nameless | changes
    assert await both.one.workspace.delivery.deliver_event(body)
    await both.one.wait_until_processed()
    assert teams_in(url)["installations"] == {organization_of(both).id}
    assert (await ask(both.two)).startswith("Positive")


@pytest.mark.parametrize("kind", ["team_access_granted", "team_access_revoked"])
@pytest.mark.parametrize("teams", [None, [], "T1", [None, {}], ["T0NOWHERE"]])
async def test_malformed_grants(both: TwoWorkspaces, url: str, kind: str, teams: object) -> None:
    """A grant or a revocation of nothing, or of an unknown workspace, changes nothing."""
    event = {"type": kind, "team_ids": teams}
    body = organization_callback(both.one.workspace.state, organization_of(both), event)
    assert await both.one.workspace.delivery.deliver_event(body)
    await both.one.wait_until_processed()
    assert granted_in(url) == {both.one.workspace.team_id, both.two.workspace.team_id}
    assert (await ask(both.one)).startswith("Positive")


async def test_interaction_without_a_team(both: TwoWorkspaces, caplog: pytest.LogCaptureFixture) -> None:
    """An interaction whose workspace only its user names is answered; one that names none is refused and logged."""
    one = both.one
    sent: dict[str, object] = {"type": "shortcut", "callback_id": "check_draft", "trigger_id": "1.2.3", "team": None}
    sent |= {"enterprise": {"id": organization_of(both).id}, "is_enterprise_install": True}
    before = len(caplog.records)
    answer = await one.workspace.delivery.deliver_interaction("interactive", sent | {"user": {"id": one.ana}})
    assert NOT_INSTALLED in str(answer)
    assert len([record for record in caplog.records[before:] if record.levelname == "ERROR"]) == 1
    await one.workspace.shortcut(one.ana, "check_draft")
    await one.workspace.until(lambda: one.workspace.state.modals.get(one.ana))


async def test_missed_revocation(both: TwoWorkspaces, engine: Engine, url: str) -> None:
    """A bot that was offline when a workspace was revoked does not call it any more."""
    one = both.one
    one.workspace.faults.add(EventFault("team_access_revoked", lost=True))
    one.workspace.oauth_app.revoke_access(one.workspace)
    await app.caught_up(one.settings, engine, hours=1)
    assert granted_in(url) == {both.two.workspace.team_id}


async def test_slack_does_not_list_workspaces(engine: Engine, url: str) -> None:
    """If Slack does not list the workspaces when the bot is installed, they are served once it does."""
    organization = Organization()
    async with run_bot_in_two_workspaces(engine, url, organization=organization, install_both=False) as both:
        one = both.one
        one.workspace.faults.add(ApiFault("auth.teams.list", error="fatal_error", times=50))
        assert (await install(both.address, organization.id)).status == 200
        one.workspace.faults.clear()
        one.workspace.oauth_app.grant(one.workspace)
        await one.wait_until_processed()
        assert (await ask(one)).startswith("Positive")


async def test_token_of_an_organization_for_one_workspace(engine: Engine) -> None:
    """A bot for one workspace refuses an organization's token, since it would mix the workspaces."""
    organization = Organization()
    workspace = Workspace(manifest(), organization=organization)
    workspace.state.tokens.clear()
    organization.tokens[workspace.bot_token] = float("inf")
    async with serve(workspace) as server:
        with pytest.raises(ConfigurationError, match="for a whole organization"):
            async with app.connected(bot_settings(workspace, server.api_url, features=()), engine):
                pass
