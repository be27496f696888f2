"""Archiving channels."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import ApiError, Workspace


def sent_events(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the events sent to the app."""
    return [entry.sent["event"] for entry in workspace.log if entry.kind == "event"]


async def test_archive(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """An archived channel is read-only."""
    random = workspace.channel_id("random")
    ts = (await client.chat_postMessage(channel=random, text="mine"))["ts"]
    await workspace.archive(ana, random)
    await workspace.until(lambda: any(one.get("subtype") == "channel_archive" for one in sent_events(workspace)))
    for call, error in (
        (client.chat_postMessage(channel=random, text="x"), "is_archived"),
        (client.chat_update(channel=random, ts=ts, text="x"), "is_inactive"),
        (client.reactions_add(channel=random, timestamp=ts, name="eyes"), "is_archived"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await call
    assert (await client.conversations_history(channel=random))["messages"]
    with pytest.raises(ApiError, match="already_archived"):
        await workspace.archive(ana, random)


async def test_archive_event(manifest: dict[str, Any]) -> None:
    """An app that subscribes to channel_archive receives it."""
    manifest["settings"]["event_subscriptions"]["bot_events"] = ["channel_archive"]
    workspace = Workspace(manifest)
    random, ana = workspace.channel_id("random"), workspace.user_id("ana")
    await workspace.archive(ana, random)
    events = await workspace.until(lambda: sent_events(workspace))
    assert (events[0]["type"], events[0]["channel"], events[0]["user"]) == ("channel_archive", random, ana)
    await workspace.delivery.close()
