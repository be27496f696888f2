"""pins.* methods."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


@pytest.fixture
def manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Add the scopes."""
    manifest["oauth_config"]["scopes"]["bot"] += ["pins:read", "pins:write"]
    return manifest


async def test_pins(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Messages are pinned once, listed with the latest pin first, and unpinned, also by deleting them."""
    first, second = [await workspace.post(ana, general, text) for text in ("one", "two")]
    for ts in (first, second):
        await client.pins_add(channel=general, timestamp=ts)
    assert await error_of(client.pins_add(channel=general, timestamp=first)) == "already_pinned"
    assert await error_of(client.pins_add(channel=general, timestamp="1.000001")) == "message_not_found"
    items = (await client.pins_list(channel=general))["items"]
    assert [item["message"]["text"] for item in items] == ["two", "one"]
    assert items[0]["message"]["pinned_to"] == [general]
    assert (await client.conversations_history(channel=general))["pin_count"] == 2
    await client.pins_remove(channel=general, timestamp=second)
    assert await error_of(client.pins_remove(channel=general, timestamp=second)) == "not_pinned"
    await workspace.delete(ana, general, first)
    assert (await client.pins_list(channel=general))["items"] == []
    assert await error_of(client.pins_list(channel=workspace.channel_id("lonely"))) == "not_in_channel"
