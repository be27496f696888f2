"""users.*, usergroups.list, bots.info, team.info and emoji.list."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


@pytest.fixture
def manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Add the scopes of profiles, user groups and emoji."""
    manifest["oauth_config"]["scopes"]["bot"] += ["users.profile:read", "usergroups:read", "emoji:read"]
    return manifest


async def test_users(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """Users have names and time zones, and the bot is marked as a bot."""
    user = (await client.users_info(user=ana))["user"]
    assert (user["real_name"], user["tz"]) == ("Ana Ruiz", "Europe/Madrid")
    assert await error_of(client.users_info(user="U0")) == "user_not_found"
    assert (await client.bots_info(bot=workspace.bot_id))["bot"]["user_id"] == workspace.bot_user_id
    assert (await client.team_info())["team"]["name"] == "Acme"
    assert (await client.users_getPresence(user=ana))["presence"] == "active"
    assert await error_of(client.users_getPresence(user="U0")) == "user_not_found"


async def test_list(client: AsyncWebClient, ana: str) -> None:
    """Slackbot, the people and the bot are listed in pages, or all at once without a limit or with 0."""
    everybody = (await client.users_list())["members"]
    names = ["slackbot", "ana", "ben", "chloe", "echo_bot"]
    assert [(one["name"], one["is_bot"]) for one in everybody] == [(name, name == "echo_bot") for name in names]
    assert (await client.users_list(limit=0))["members"] == everybody
    first = await client.users_list(limit=3)
    rest = await client.users_list(limit=3, cursor=first["response_metadata"]["next_cursor"])
    assert [*first["members"], *rest["members"]] == everybody
    assert await error_of(client.users_list(limit=-1)) == "invalid_limit"


async def test_slackbot(client: AsyncWebClient) -> None:
    """Slackbot is a user that is not marked as a bot."""
    slackbot = (await client.users_info(user="USLACKBOT"))["user"]
    assert (slackbot["id"], slackbot["real_name"], slackbot["is_bot"]) == ("USLACKBOT", "Slackbot", False)


async def test_profile(client: AsyncWebClient, ana: str) -> None:
    """A profile is that of the bot or of another user."""
    assert (await client.users_profile_get())["profile"]["real_name"] == "Echo Bot"
    profile = (await client.users_profile_get(user=ana))["profile"]
    assert profile["real_name"] == "Ana Ruiz"
    assert "email" not in profile
    assert await error_of(client.users_profile_get(user="U0")) == "user_not_found"
    assert await error_of(client.users_lookupByEmail(email="ana@acme.example")) == "missing_scope"


async def test_nothing_to_list(client: AsyncWebClient) -> None:
    """There are no user groups and no custom emoji."""
    assert (await client.usergroups_list())["usergroups"] == []
    assert (await client.emoji_list())["emoji"] == {}


class TestEmail:
    """Email addresses, which need a scope of their own."""

    @pytest.fixture
    def manifest(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Add the scope."""
        manifest["oauth_config"]["scopes"]["bot"].append("users:read.email")
        return manifest

    async def test_lookup(self, client: AsyncWebClient, ana: str) -> None:
        """A user is found by their address, which is in their profile."""
        address = (await client.users_info(user=ana))["user"]["profile"]["email"]
        assert (await client.users_lookupByEmail(email=address.upper()))["user"]["id"] == ana
        assert await error_of(client.users_lookupByEmail(email="nobody@acme.example")) == "users_not_found"
