"""The methods of conversations.* that create and change channels."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace, serve
from tests.slack_emulator.web_api.conftest import error_of


@pytest.fixture
def manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Add the scopes and events of changes."""
    manifest["oauth_config"]["scopes"]["bot"] += ["channels:manage", "groups:write"]
    manifest["settings"]["event_subscriptions"]["bot_events"] += ["channel_created", "channel_left", "group_left"]
    return manifest


def events(workspace: Workspace, kind: str) -> list[dict[str, Any]]:
    """Return the events of a type sent to the app."""
    return [entry.sent["event"] for entry in workspace.log if entry.kind == "event" and entry.name == kind]


async def test_create(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """The bot creates a channel, invites people, and sets the topic, which everybody sees."""
    channel = (await client.conversations_create(name="plans-2027"))["channel"]
    assert (channel["name"], channel["is_member"], channel["is_private"]) == ("plans-2027", True, False)
    created = await workspace.until(lambda: events(workspace, "channel_created"))
    assert created[0]["channel"]["id"] == channel["id"]
    await client.conversations_invite(channel=channel["id"], users=[ana])
    await workspace.post(ana, channel["id"], "thanks")
    changed = await client.conversations_setTopic(channel=channel["id"], topic="Plans")
    assert changed["channel"]["topic"]["value"] == "Plans"
    await client.conversations_mark(channel=channel["id"], ts="1.000001")
    seen = [(message.text, message.subtype) for message in workspace.seen_by(ana, channel["id"])]
    assert seen == [
        (f"<@{workspace.bot_user_id}> has joined the channel", "channel_join"),
        (f"<@{ana}> has joined the channel", "channel_join"),
        ("thanks", None),
        ("set the channel topic: Plans", "channel_topic"),
    ]
    await client.conversations_archive(channel=channel["id"])
    assert workspace.state.channels[channel["id"]].is_archived


async def test_leave(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """The bot leaves a private channel, is told so, and can no longer see it."""
    channel = (await client.conversations_create(name="hidden", is_private=True))["channel"]["id"]
    assert await error_of(client.conversations_leave(channel=channel)) == "last_member"
    await client.conversations_invite(channel=channel, users=ana)
    await client.conversations_leave(channel=channel)
    assert workspace.seen_by(ana, channel)[-1].subtype == "group_leave"
    left = await workspace.until(lambda: events(workspace, "group_left"))
    assert left[0]["channel"] == channel
    assert await error_of(client.conversations_info(channel=channel)) == "channel_not_found"
    assert (await client.conversations_leave(channel=workspace.channel_id("lonely")))["not_in_channel"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("Plans", "invalid_name_specials"),
        ("my plans", "invalid_name_specials"),
        ("--", "invalid_name_punctuation"),
        ("attic", "name_taken"),
    ],
)
async def test_names(client: AsyncWebClient, name: str, error: str) -> None:
    """A name that Slack does not allow, or that another channel has, is refused."""
    assert await error_of(client.conversations_create(name=name)) == error


async def test_errors(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Changes need members, people and channels that exist."""
    lonely, attic, dm = workspace.channel_id("lonely"), workspace.channel_id("attic"), workspace.dm_id("ana")
    chloe = workspace.user_id("chloe")
    for users, error in (("", "no_user"), ("U0", "user_not_found"), (workspace.bot_user_id, "cant_invite_self")):
        assert await error_of(client.conversations_invite(channel=general, users=users)) == error
    assert await error_of(client.conversations_invite(channel=general, users=[ana, chloe])) == "already_in_channel"
    assert await error_of(client.conversations_invite(channel=lonely, users=[ana])) == "not_in_channel"
    assert await error_of(client.conversations_leave(channel=general)) == "cant_leave_general"
    assert await error_of(client.conversations_leave(channel=attic)) == "is_archived"
    assert await error_of(client.conversations_setTopic(channel=general, topic="x" * 251)) == "too_long"
    assert await error_of(client.conversations_setTopic(channel=attic, topic="x")) == "is_archived"
    assert await error_of(client.conversations_setTopic(channel=dm, topic="x")) == (
        "method_not_supported_for_channel_type"
    )
    assert await error_of(client.conversations_mark(channel=lonely, ts="1.0")) == "not_in_channel"
    assert await error_of(client.conversations_mark(channel=general, ts="now")) == "invalid_timestamp"
    assert await error_of(client.conversations_archive(channel=general)) == "cant_archive_general"


async def test_scopes(manifest: dict[str, Any]) -> None:
    """A narrower scope allows only what it names, and the error lists the scopes that would do."""
    manifest["oauth_config"]["scopes"]["bot"] = ["channels:write.invites"]
    workspace = Workspace(manifest)
    random, ana = workspace.channel_id("random"), workspace.user_id("ana")
    async with serve(workspace) as server:
        client = AsyncWebClient(workspace.bot_token, base_url=server.api_url)
        assert await error_of(client.conversations_invite(channel=random, users=ana)) == "already_in_channel"
        with pytest.raises(SlackApiError) as raised:
            await client.conversations_setTopic(channel=random, topic="x")
        needed = "channels:manage,channels:write,channels:write.topic"
        assert (raised.value.response["error"], raised.value.response["needed"]) == ("missing_scope", needed)
        assert await error_of(client.conversations_create(name="hidden", is_private=True)) == "missing_scope"
