"""Installing an app for an organization, and without optional scopes."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Organization, Server, Workspace, serve

BACK = "http://127.0.0.1:9/back"
OPTIONAL = ["channels:history", "channels:read"]
GRANTS = ["app_uninstalled", "tokens_revoked", "team_access_granted", "team_access_revoked"]


@pytest.fixture
def manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest of an app with OAuth, optional scopes and the events of installations."""
    manifest["oauth_config"]["redirect_urls"] = [BACK]
    manifest["oauth_config"]["scopes"]["bot_optional"] = OPTIONAL
    manifest["settings"]["org_deploy_enabled"] = True
    manifest["settings"]["event_subscriptions"]["bot_events"] += GRANTS
    return manifest


@pytest.fixture
def organization() -> Organization:
    """Return an organization."""
    return Organization("Acme Corp")


@pytest.fixture
def workspaces(manifest: dict[str, Any], organization: Organization) -> list[Workspace]:
    """Return two workspaces of the organization, served by one server, and a third of the same app outside of it."""
    first = Workspace(manifest, organization=organization, installed=False)
    second = Workspace(manifest, organization=organization, same_app_as=first, installed=False)
    return [first, second, Workspace(manifest, same_app_as=first, installed=False)]


@pytest.fixture
async def served(workspaces: list[Workspace]) -> AsyncIterator[Server]:
    """Serve the workspaces."""
    async with serve(workspaces[0]) as served:
        yield served


async def consent(served: Server, workspace: Workspace, owner: str, optional: list[str]) -> tuple[str, dict[str, Any]]:
    """Install the app for a workspace or organization; return the consent page and Slack's answer to the code."""
    shared = workspace.oauth_app
    query = {"client_id": shared.client_id, "scope": ",".join(workspace.installation.scopes)}
    form = [("team", owner), ("answer", "allow"), *(("optional", scope) for scope in optional)]
    async with aiohttp.ClientSession() as browser:
        page = await (await browser.get(f"{served.url}/oauth/v2/authorize", params=query)).text()
        url = f"{served.url}/oauth/v2/authorize"
        sent = await browser.post(url, params=query, data=form, allow_redirects=False)
    code = sent.headers["Location"].partition("code=")[2].partition("&")[0]
    client = AsyncWebClient(base_url=served.api_url)
    secrets = {"client_id": shared.client_id, "client_secret": shared.client_secret}
    answer = await client.oauth_v2_access(**secrets, code=code)
    return page, dict(answer.data)  # type: ignore[arg-type] # never bytes


async def error_of(call: Any) -> str:  # noqa: ANN401 - a coroutine of the SDK
    """Return the error code of a call."""
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def test_token(served: Server, workspaces: list[Workspace], organization: Organization) -> None:
    """The organization's token works in the workspaces that it grants, and needs `team_id` where Slack needs it."""
    first, second, other = workspaces
    page, answer = await consent(served, first, organization.id, OPTIONAL)
    assert "Acme Corp (the whole organization)" in page
    assert (answer["team"], answer["is_enterprise_install"]) == (None, True)
    assert answer["enterprise"] == {"id": organization.id, "name": "Acme Corp"}
    client = AsyncWebClient(answer["access_token"], base_url=served.api_url)
    me = await client.auth_test()
    assert (me["team_id"], me["enterprise_id"], me["is_enterprise_install"]) == (organization.id,) * 2 + (True,)
    assert me["user_id"] == first.bot_user_id == second.bot_user_id != other.bot_user_id
    assert (await client.auth_teams_list())["teams"] == []
    general = second.channel_id("general")
    assert await error_of(client.chat_postMessage(channel=general, text="hi")) == "team_access_not_granted"
    first.oauth_app.grant(second)
    assert (await client.auth_teams_list())["teams"] == [{"id": second.team_id, "name": "Globex"}]
    posted = await client.chat_postMessage(channel=general, text="hi")
    assert second.message(general, posted["ts"]).text == "hi"
    assert await error_of(client.users_conversations()) == "missing_argument"
    assert await error_of(client.users_conversations(team_id=first.team_id)) == "team_access_not_granted"
    assert await error_of(client.users_conversations(team_id=other.team_id)) == "team_access_not_granted"
    listed = await client.users_conversations(team_id=second.team_id)
    assert general in {channel["id"] for channel in listed["channels"]}


async def test_events(served: Server, workspaces: list[Workspace], organization: Organization) -> None:
    """Events name the organization's installation; those about grants name no workspace outside."""
    first, second, _ = workspaces
    await consent(served, first, organization.id, OPTIONAL)
    ana, general = second.user_id("ana"), second.channel_id("general")
    await second.post(ana, general, "not granted yet")
    first.oauth_app.grant(second)
    await second.post(ana, general, "hello")
    await second.until(lambda: [one for one in second.log if one.name == "message"])
    first.oauth_app.revoke_access(second)
    await second.post(ana, general, "not granted any more")
    await second.until(lambda: [one for one in second.log if one.name == "team_access_revoked"])
    sent = {one.name: one.sent for one in second.log if one.kind == "event"}
    assert [*sent] == ["team_access_granted", "message", "team_access_revoked"]
    for payload in sent.values():
        (authorization,) = payload["authorizations"]
        assert (authorization["enterprise_id"], authorization["is_enterprise_install"]) == (organization.id, True)
    assert (sent["message"]["team_id"], sent["message"]["event"]["text"]) == (second.team_id, "hello")
    assert sent["team_access_granted"]["team_id"] is None
    assert sent["team_access_granted"]["event"]["team_ids"] == [second.team_id]


async def test_interactions(served: Server, workspaces: list[Workspace], organization: Organization) -> None:
    """A command names workspace and organization; a global shortcut has only the user's workspace."""
    first = workspaces[0]
    await consent(served, first, organization.id, OPTIONAL)
    first.oauth_app.grant(first)
    await first.command(first.user_id("ana"), first.channel_id("general"), "/echo")
    await first.shortcut(first.user_id("ana"), "begin")
    command, shortcut = (one.sent for one in first.log if one.kind in ("command", "interaction"))
    assert (command["team_id"], command["enterprise_id"]) == (first.team_id, organization.id)
    assert command["is_enterprise_install"] == "true"
    assert (shortcut["team"], shortcut["user"]["team_id"]) == (None, first.team_id)
    assert (shortcut["enterprise"]["id"], shortcut["is_enterprise_install"]) == (organization.id, True)


async def test_uninstallation(served: Server, workspaces: list[Workspace], organization: Organization) -> None:
    """Uninstalling the app revokes the organization's token, and sends both events without a workspace."""
    first = workspaces[0]
    _, answer = await consent(served, first, organization.id, OPTIONAL)
    client = AsyncWebClient(answer["access_token"], base_url=served.api_url)
    shared = first.oauth_app
    await client.apps_uninstall(client_id=shared.client_id, client_secret=shared.client_secret)
    assert await error_of(client.auth_test()) == "invalid_auth"
    await first.until(lambda: [one for one in first.log if one.name == "tokens_revoked"])
    sent = [one for one in first.log if one.kind == "event"]
    assert {one.name for one in sent} == {"app_uninstalled", "tokens_revoked"}
    assert {one.sent["team_id"] for one in sent} == {None}


async def test_optional_scopes(served: Server, workspaces: list[Workspace]) -> None:
    """The consent page has a checkbox for each optional scope; one that is not ticked is not granted."""
    workspace = workspaces[2]
    page, answer = await consent(served, workspace, workspace.team_id, ["channels:read"])
    assert page.count('type="checkbox"') == 2
    assert page.count("<li><code>") == len(workspace.installation.scopes) - 2
    assert "channels:history" not in answer["scope"].split(",")
    assert "channels:read" in answer["scope"].split(",")
    client = AsyncWebClient(answer["access_token"], base_url=served.api_url)
    general = workspace.channel_id("general")
    assert await error_of(client.conversations_history(channel=general)) == "missing_scope"
    assert (await client.conversations_info(channel=general))["ok"]
    assert "channels:history" not in (await client.auth_test()).headers["x-oauth-scopes"]
    await workspace.post(workspace.user_id("ana"), general, "no event without the scope")
    await workspace.post(workspace.user_id("ana"), workspace.dm_id("ana"), "hello")
    await workspace.until(lambda: [one for one in workspace.log if one.name == "message"])
    (event,) = (one for one in workspace.log if one.kind == "event")
    assert event.sent["event"]["text"] == "hello"


async def test_no_organization_wide_installation(manifest: dict[str, Any], organization: Organization) -> None:
    """Without `org_deploy_enabled` the consent page does not offer the organization."""
    manifest["settings"]["org_deploy_enabled"] = False
    workspace = Workspace(manifest, organization=organization, installed=False)
    async with serve(workspace) as served:
        page, answer = await consent(served, workspace, organization.id, OPTIONAL)
    assert "the whole organization" not in page
    assert (answer["team"]["id"], answer["is_enterprise_install"]) == (workspace.team_id, False)
    assert answer["enterprise"]["id"] == organization.id
