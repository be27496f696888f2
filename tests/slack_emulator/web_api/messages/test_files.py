"""files.* methods."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace, serve
from tests.slack_emulator.web_api.conftest import error_of


async def test_upload(workspace: Workspace, client: AsyncWebClient, general: str) -> None:
    """files_upload_v2 uploads a file and posts a message with it."""
    await client.files_upload_v2(
        channel=general, filename="mood.png", content=b"PNG", title="Mood", initial_comment="look"
    )
    message = next(iter(workspace.state.channels[general].messages.values()))
    assert (message.text, message.files[0]["title"], message.files[0]["mimetype"]) == ("look", "Mood", "image/png")
    complete = client.files_completeUploadExternal(files=[{"id": "F0", "title": "x"}], channel_id=general)
    assert await error_of(complete) == "file_not_found"


async def test_list(manifest: dict[str, Any]) -> None:
    """Files are listed in pages, the latest first, by channel and by owner."""
    manifest["oauth_config"]["scopes"]["bot"].append("files:read")
    workspace = Workspace(manifest)
    ana, ben, general = workspace.user_id("ana"), workspace.user_id("ben"), workspace.channel_id("general")
    async with serve(workspace) as server:
        client = AsyncWebClient(workspace.bot_token, base_url=server.api_url)
        await workspace.upload(ana, "a.txt", b"a", channel=general)
        await workspace.upload(ana, "b.txt", b"b")
        await workspace.upload(ben, "c.txt", b"c", channel=general)

        async def names(**arguments: Any) -> list[str]:  # noqa: ANN401 - arguments of the method
            return [file["name"] for file in (await client.files_list(**arguments))["files"]]

        assert await names() == ["c.txt", "b.txt", "a.txt"]
        assert await names(channel=general) == ["c.txt", "a.txt"]
        assert await names(user=ana, count=1, page=2) == ["a.txt"]
        listed = await client.files_list(user=ana, count=1)
        assert listed["paging"] == {"count": 1, "total": 2, "page": 1, "pages": 2}
        assert await error_of(client.files_list(user="U0")) == "user_not_found"
