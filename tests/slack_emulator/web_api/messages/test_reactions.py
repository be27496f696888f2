"""reactions.* methods."""

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
    await client.reactions_add(**about, name="wave::skin-tone-3")
    for name in (":eyes:", "", "no_such_emoji", "grinning_face", "wave::skin-tone-7", "wave::"):
        expected = "invalid_name" if name else "invalid_arguments"
        assert await error_of(client.reactions_add(**about, name=name)) == expected
    assert await error_of(client.reactions_add(channel=general, timestamp="x", name="eyes")) == "bad_timestamp"
    missing = client.reactions_add(channel=general, timestamp="1.000001", name="eyes")
    assert await error_of(missing) == "message_not_found"
