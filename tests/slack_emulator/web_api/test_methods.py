"""Methods about reactions, users, files and blocks."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


async def test_reactions(workspace: Workspace, client: AsyncWebClient, ana: str, general: str) -> None:
    """Reactions are added and removed once each; reactions.get returns a reply with its thread."""
    parent = await workspace.post(ana, general, "x")
    reply = await workspace.post(ana, general, "y", thread_ts=parent)
    about: dict[str, Any] = {"channel": general, "timestamp": reply}
    bare = (await client.reactions_get(**about))["message"]
    assert bare["thread_ts"] == parent
    assert bare["permalink"].endswith(f"?thread_ts={parent}&cid={general}")
    assert "reactions" not in bare
    await client.reactions_add(**about, name="eyes")
    assert (await client.reactions_get(**about))["message"]["reactions"][0]["name"] == "eyes"
    assert await error_of(client.reactions_add(**about, name="eyes")) == "already_reacted"
    await client.reactions_remove(**about, name="eyes")
    assert await error_of(client.reactions_remove(**about, name="eyes")) == "no_reaction"
    assert await error_of(client.reactions_add(**about, name=":eyes:")) == "invalid_name"
    assert await error_of(client.reactions_add(channel=general, timestamp="x", name="eyes")) == "bad_timestamp"
    missing = client.reactions_add(channel=general, timestamp="1.000001", name="eyes")
    assert await error_of(missing) == "message_not_found"


async def test_users(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """Users have names and time zones, and the bot is marked as a bot."""
    user = (await client.users_info(user=ana))["user"]
    assert (user["real_name"], user["tz"]) == ("Ana Ruiz", "Europe/Madrid")
    assert [one["is_bot"] for one in (await client.users_list())["members"]] == [False, False, False, True]
    assert await error_of(client.users_info(user="U0")) == "user_not_found"
    assert (await client.bots_info(bot=workspace.bot_id))["bot"]["user_id"] == workspace.bot_user_id
    assert (await client.team_info())["team"]["name"] == "Acme"


async def test_upload(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """files_upload_v2 uploads a file and posts a message with it."""
    await client.files_upload_v2(
        channel=general, filename="mood.png", content=b"PNG", title="Mood", initial_comment="look"
    )
    message = next(iter(workspace.state.channels[general].messages.values()))
    assert (message.text, message.files[0]["title"], message.files[0]["mimetype"]) == ("look", "Mood", "image/png")
    complete = client.files_completeUploadExternal(files=[{"id": "F0", "title": "x"}], channel_id=general)
    assert await error_of(complete) == "file_not_found"


async def test_blocks_validate(client: AsyncWebClient) -> None:
    """blocks.validate accepts valid blocks and returns the errors of others."""
    await client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})
    assert await error_of(client.api_call("blocks.validate", json={"blocks": [{"type": "x"}]})) == "invalid_blocks"
