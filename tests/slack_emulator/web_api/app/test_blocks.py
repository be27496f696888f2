"""blocks.validate, and workspaces that refuse types of blocks."""

import json
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
TITLE = {"type": "plain_text", "text": "x"}
MODAL = {"type": "modal", "title": TITLE, "blocks": [SECTION]}


async def errors_of(client: AsyncWebClient, **arguments: object) -> tuple[str, list[dict[str, Any]]]:
    """Return the error code and the errors of a call to blocks.validate."""
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("blocks.validate", data=arguments)
    return caught.value.response["error"], caught.value.response.get("errors") or []


async def test_valid(client: AsyncWebClient) -> None:
    """Valid blocks, messages and views are accepted, and nothing is posted."""
    assert (await client.blocks_validate(blocks=[SECTION]))["ok"]
    assert (await client.blocks_validate(message={"text": "x", "blocks": [SECTION]}))["ok"]
    assert (await client.blocks_validate(view=MODAL))["ok"]


async def test_invalid(client: AsyncWebClient) -> None:
    """Each error has a code, a message and a pointer into the argument."""
    bad = {"type": "x"}
    error = {"code": "unsupported_type", "message": "unsupported type: x"}
    blocks = json.dumps([SECTION, bad])
    assert await errors_of(client, blocks=blocks) == ("invalid_blocks", [error | {"pointer": "/1"}])
    message = json.dumps({"text": "x", "blocks": [bad]})
    assert await errors_of(client, message=message) == ("invalid_message", [error | {"pointer": "/blocks/0"}])
    view = json.dumps(MODAL | {"blocks": [SECTION, bad]})
    assert await errors_of(client, view=view) == ("invalid_view", [error | {"pointer": "/blocks/1"}])


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"blocks": json.dumps([SECTION]), "view": json.dumps(MODAL)},
        {"blocks": "[" + " " * 100_000 + "]"},
        {"blocks": "[{"},
    ],
)
async def test_invalid_arguments(client: AsyncWebClient, arguments: dict[str, str]) -> None:
    """Exactly one argument is required, as JSON of at most 100,000 characters."""
    assert await errors_of(client, **arguments) == ("invalid_arguments", [])


async def test_refused_types(client: AsyncWebClient, workspace: Workspace) -> None:
    """A workspace refuses types of blocks in messages, views and blocks.validate, and says where they are."""
    workspace.state.refused_blocks = {"section"}
    channel, trigger = workspace.channel_id("general"), workspace.views.create_trigger(workspace.user_id("ana"))
    blocks: list[dict[str, Any]] = [{"type": "divider"}, SECTION]
    assert await error_of(client.chat_postMessage(channel=channel, text="x", blocks=blocks)) == "invalid_blocks"
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=trigger, view=MODAL | {"blocks": blocks})
    assert caught.value.response["error"] == "invalid_arguments"
    (message,) = caught.value.response["response_metadata"]["messages"]
    assert message == "[ERROR] unsupported type: section [json-pointer:/blocks/1]"
    assert (await errors_of(client, blocks=json.dumps(blocks)))[0] == "invalid_blocks"
    workspace.state.refused_blocks = set()
    assert (await client.views_open(trigger_id=trigger, view=MODAL | {"blocks": blocks}))["ok"]
