"""Questions to Slack that several features ask."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.executor import CallExecutor
from bot.slack.client.queries import fetch_member_channels
from bot.slack.client.slack_client import SlackClient
from slack_emulator import Organization, Workspace, default_manifest, serve
from tests.support.bot_in_emulator import FAST_TIMING


@pytest.mark.parametrize("organization", [None, Organization()], ids=["workspace", "organization"])
async def test_member_channels(organization: Organization | None) -> None:
    """The channels of a person are those of the client's workspace, with its own token or its organization's."""
    other = Workspace(default_manifest(), organization=organization)
    workspace = Workspace(default_manifest(), organization=organization, same_app_as=other)
    if organization:
        organization.granted |= {workspace.team_id, other.team_id}
        organization.scopes = workspace.installation.scopes
        organization.tokens[workspace.bot_token] = workspace.state.tokens.pop(workspace.bot_token)
    async with serve(other) as server:
        web = AsyncWebClient(workspace.bot_token, base_url=server.api_url)
        slack = SlackClient(web, CallExecutor(FAST_TIMING), workspace.team_id)
        found = await fetch_member_channels(slack, workspace.user_id("ana"))
    assert workspace.channel_id("general") in found.channels
    assert other.channel_id("general") not in found.channels
