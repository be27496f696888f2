"""files.* methods."""

from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
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
