"""Live updates of the page."""

from typing import Any

import aiohttp
import pytest

from slack_emulator import Server, Workspace


async def test_updates(
    server: Server, workspace: Workspace, http: aiohttp.ClientSession, ana: str, general: str
) -> None:
    """A window first receives everything, and then what has changed in its channel."""
    async with http.ws_connect("/control/live") as window:
        await window.send_json({"token": server.control_token, "user": ana, "channel": general})
        frames = [await window.receive_json(timeout=5) for _ in range(3)]
        assert [one["part"] for one in frames] == ["overview", "messages", "views"]
        await workspace.post(ana, general, "x")
        parts: dict[str, Any] = {}
        while not {"messages", "log"} <= parts.keys():
            frame = await window.receive_json(timeout=5)
            parts[frame["part"]] = frame["value"]
        assert [message["text"] for message in parts["messages"]["list"]] == ["x"]
        assert parts["log"][0]["name"] == "message"


async def test_invalid_token(http: aiohttp.ClientSession) -> None:
    """A window with an old token is closed with the code that makes it reload."""
    for first in ('{"token": "old"}', "[]", "no JSON"):
        async with http.ws_connect("/control/live") as window:
            await window.send_str(first)
            assert (await window.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            assert window.close_code == 4401


async def test_other_origin(http: aiohttp.ClientSession) -> None:
    """A page of another site cannot connect."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect("/control/live", headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403
