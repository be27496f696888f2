"""Tokens, scopes and the list of methods."""

import re
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Server, Workspace, serve
from slack_emulator.web_api import METHODS
from tests.slack_emulator.web_api.conftest import error_of


async def test_auth(workspace: Workspace, server: Server, client: AsyncWebClient) -> None:
    """A missing, unknown or wrong kind of token is refused."""
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"]) == (workspace.bot_user_id, workspace.bot_id)
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    other = AsyncWebClient(base_url=server.api_url)
    assert await error_of(other.auth_test()) == "not_authed"
    assert await error_of(other.auth_test(token="xoxb-no")) == "invalid_auth"
    assert await error_of(other.auth_test(token=workspace.app_token)) == "not_allowed_token_type"
    assert await error_of(client.apps_connections_open(app_token=workspace.bot_token)) == "not_allowed_token_type"
    assert (await other.api_test(foo="bar"))["args"] == {"foo": "bar"}
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"


async def test_missing_scope(manifest: dict[str, Any]) -> None:
    """A call without the required scope returns that scope."""
    manifest["oauth_config"]["scopes"]["bot"] = ["chat:write"]
    workspace = Workspace(manifest)
    async with serve(workspace) as server:
        client = AsyncWebClient(workspace.bot_token, base_url=server.api_url)
        with pytest.raises(SlackApiError) as raised:
            await client.conversations_history(channel=workspace.channel_id("general"))
    answer = raised.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
    assert answer["provided"] == "chat:write"


def test_documentation() -> None:
    """The documentation lists exactly the methods that there are."""
    (row,) = re.findall(r"^\| Web API \| (.*?); the log", Path("docs/emulator.md").read_text("utf-8"), re.MULTILINE)
    listed = [
        f"{family}{name}" for family, names in re.findall(r"`([\w.]+)(?:{(.*?)})?`", row) for name in names.split(", ")
    ]
    assert sorted(listed) == sorted(METHODS)
