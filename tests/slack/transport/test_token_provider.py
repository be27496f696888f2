"""Tokens of several workspaces, which are refreshed before they expire."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import CallExecutor
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport.token_provider import ClientCredentials, TokenProvider
from bot.store import installations
from bot.store.database import Database, open_database
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher
from slack_emulator import ApiFault, Organization
from tests.support.oauth_server import HOUR, OAuthServer, run_oauth_server
from tests.support.two_workspaces import KEY, follow_redirect


async def test_refresh(server: OAuthServer) -> None:
    """A token is refreshed two hours before it expires."""
    await follow_redirect(*await server.authorize())
    client = AsyncWebClient(base_url=f"{server.workspace.url}/api/")
    tokens = [await server.token()]
    for hours in (9.9, 0.2, 9.9, 0.2):
        server.clock.now += hours * HOUR
        found = await server.tokens.find(server.workspace.team_id)
        assert found is not None
        assert (await client.auth_test(token=found.tokens.bot_token))["ok"]
        tokens.append(found.tokens.bot_token)
    assert [before != after for before, after in pairwise(tokens)] == [False, True, False, True]


async def test_refresh_of_an_organization(server: OAuthServer) -> None:
    """The token of an organization is refreshed like that of a workspace, for all of its workspaces."""
    organization = Organization()
    server.workspace.oauth_app.organization = server.workspace.state.organization = organization
    organization.granted.add(server.workspace.team_id)
    await follow_redirect(*await server.authorize(organization))
    first = await server.tokens.find(server.workspace.team_id)
    server.clock.now += 11 * HOUR
    second = await server.tokens.find(server.workspace.team_id)
    assert first is not None
    assert second is not None
    assert (second.team, second.is_organization) == (server.workspace.team_id, True)
    assert first.tokens.bot_token != second.tokens.bot_token
    client = AsyncWebClient(second.tokens.bot_token, base_url=f"{server.workspace.url}/api/")
    assert (await client.auth_test())["is_enterprise_install"]
    assert await server.tokens.find(organization.id) is None
    assert await server.tokens.has_valid_token(organization.id)


async def test_calls_without_a_request(server: OAuthServer) -> None:
    """Calls that no request led to name the workspace, except those for the organization itself."""
    organization = Organization()
    server.workspace.oauth_app.organization = server.workspace.state.organization = organization
    organization.granted.add(server.workspace.team_id)
    await follow_redirect(*await server.authorize(organization))
    (slack,) = [client async for client in server.tokens.all()]
    await slack.read("auth.test")
    sent = {call.name: call.sent.get("team_id") for call in server.workspace.log}
    assert sent["auth.test"] == server.workspace.team_id
    assert sent["auth.teams.list"] is None


async def test_an_organization_that_fails(server: OAuthServer) -> None:
    """At the start, Slack is asked for an organization's workspaces even if another's token is revoked."""
    organization = Organization()
    server.workspace.oauth_app.organization = server.workspace.state.organization = organization
    revoked = Installation("E0", "B1", "U1", Tokens("xoxb-revoked"), 1, is_organization=True)
    await server.database.run(installations.add, server.tokens.cipher, revoked)
    await follow_redirect(*await server.authorize(organization))
    organization.granted.add(server.workspace.team_id)
    server.clock.now += 61
    await server.tokens.check()
    assert await server.tokens.teams() == [server.workspace.team_id]


async def test_an_organization_for_which_slack_is_slow(server: OAuthServer) -> None:
    """While Slack does not answer for one organization, it is asked for the workspaces of others."""
    organization = Organization()
    server.workspace.oauth_app.organization = server.workspace.state.organization = organization
    await follow_redirect(*await server.authorize(organization))
    other = Installation("E0", "B1", "U1", Tokens(next(iter(organization.tokens))), 1, is_organization=True)
    await server.database.run(installations.add, server.tokens.cipher, other)
    server.workspace.faults.add(ApiFault("auth.teams.list", wait=20))
    organizations = [organization.id, "E0"]
    lists = [asyncio.create_task(server.tokens.update_granted(one, at_once=True)) for one in organizations]
    answered, waiting = await asyncio.wait(lists, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert (len(answered), len(waiting)) == (1, 1)
    waiting.pop().cancel()


async def test_refresh_while_codes_are_throttled(server: OAuthServer) -> None:
    """If Slack throttles an installation, for example because of made-up codes, tokens are refreshed nevertheless."""
    await follow_redirect(*await server.authorize())
    before = await server.token()
    server.workspace.faults.add(ApiFault("oauth.v2.access", status=429, retry_after=600))
    assert (await follow_redirect(*await server.authorize())).status == 503
    server.clock.now += 11 * HOUR
    async with asyncio.timeout(10):
        found = await server.tokens.find(server.workspace.team_id)
    assert found is not None
    assert found.tokens.bot_token != before


async def test_clients(server: OAuthServer) -> None:
    """The client of a workspace has its token; there is none for a workspace without the server."""
    await follow_redirect(*await server.authorize())
    assert await server.database.run(installations.teams) == [server.workspace.team_id]
    (slack,) = [client async for client in server.tokens.all()]
    assert (slack.team, slack.bot_user_id) == (server.workspace.team_id, server.workspace.bot_user_id)
    assert (await slack.read("auth.test")).data["team_id"] == slack.team
    again = await server.tokens.get(slack.team)
    assert again is not None
    assert again.team == slack.team
    assert await server.tokens.get("T0NOWHERE") is None


async def test_expired_token(server: OAuthServer) -> None:
    """A token that has expired is refreshed."""
    await follow_redirect(*await server.authorize())
    server.clock.now += 7 * 24 * HOUR
    client = AsyncWebClient(base_url=f"{server.workspace.url}/api/")
    found = await server.tokens.find(server.workspace.team_id)
    assert found is not None
    assert (await client.auth_test(token=found.tokens.bot_token))["ok"]


@pytest.fixture
def processes(url: str) -> Iterator[list[Database]]:
    """Open one database four times, as four processes do."""
    with ExitStack() as stack:
        yield [stack.enter_context(open_database(url)) for _ in range(4)]


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
@pytest.mark.parametrize("hours", [11, 13], ids=["valid", "expired"])
async def test_several_processes(engine: Engine, url: str, processes: list[Database], hours: int) -> None:
    """Of four processes one refreshes the token; all return a valid one."""
    async with run_oauth_server(engine, url) as server:
        await follow_redirect(*await server.authorize())
        server.clock.now += hours * HOUR
        client = AsyncWebClient(base_url=f"{server.workspace.url}/api/")
        oauth_app = server.workspace.oauth_app
        credentials = ClientCredentials(oauth_app.client_id, oauth_app.client_secret)
        providers = [
            TokenProvider(client, CallExecutor(DEFAULT_TIMING), database, TokenCipher(KEY), credentials, server.clock)
            for database in processes
        ]
        found = await asyncio.gather(
            *(provider.find(server.workspace.team_id) for provider in providers for _ in range(5))
        )
        calls = [call for call in server.workspace.log if call.name == "oauth.v2.access"]
        assert [call.sent.get("grant_type") for call in calls] == [None, "refresh_token"]
        for installation in found:
            assert installation is not None
            assert (await client.auth_test(token=installation.tokens.bot_token))["ok"]


@pytest.mark.parametrize("fault", [{"error": "invalid_refresh_token"}, {"status": 503}, {"drop": True, "times": 9}])
async def test_failed_refresh(server: OAuthServer, fault: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    """If refreshing fails, the old token is used while it is valid, and refreshing is tried again a minute later."""
    await follow_redirect(*await server.authorize())
    old = await server.token()
    server.clock.now += 11 * HOUR
    server.workspace.faults.add(ApiFault("oauth.v2.access", **fault))  # type: ignore[arg-type] # mypy cannot know which
    for _ in range(3):
        found = await server.tokens.find(server.workspace.team_id)
        assert found is not None
        assert found.tokens.bot_token == old
    assert caplog.text.count("oauth.v2.access failed") == 1
    server.workspace.faults.clear()
    server.clock.now += 61
    found = await server.tokens.find(server.workspace.team_id)
    assert found is not None
    assert found.tokens.bot_token != old


async def test_reinstalled_during_a_refresh(server: OAuthServer) -> None:
    """Refreshed tokens are not stored if the bot has been installed again meanwhile."""
    await follow_redirect(*await server.authorize())
    team, now = server.workspace.team_id, int(server.clock.now)
    found = await server.tokens.find(team)
    assert found is not None
    assert await server.database.run(installations.claim_refresh, team, found.tokens, now, now + 60)
    assert not await server.database.run(installations.claim_refresh, team, found.tokens, now, now + 60)
    await follow_redirect(*await server.authorize())
    new = await server.token()
    late = installations.Tokens("xoxb-late")
    await server.database.run(installations.save_refreshed_tokens, server.tokens.cipher, team, now + 60, late)
    assert await server.token() == new
