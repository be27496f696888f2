"""Response URLs."""

import time
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from slack_emulator import Workspace
from tests.slack_emulator.conftest import Connect


async def test_limits(workspace: Workspace, app: AsyncApp, connect: Connect, ana: str, general: str) -> None:
    """A response URL accepts five valid responses within half an hour."""
    urls: list[str] = []

    @app.command("/echo")
    async def echo(ack: AsyncAck, body: dict[str, Any]) -> None:
        urls.append(body["response_url"])
        await ack()

    await connect(app)
    await workspace.command(ana, general, "/echo")
    hook = AsyncWebhookClient(urls[0])
    assert (await hook.send(text="")).status_code == 400
    assert [(await hook.send(text=str(number))).status_code for number in range(5)] == [200] * 5
    refused = await hook.send(text="6")
    assert (refused.status_code, refused.body) == (404, '{"ok": false, "error": "used_url"}')
    assert [message.text for message in workspace.seen_by(ana, general)] == ["0", "1", "2", "3", "4"]
    await workspace.command(ana, general, "/echo")
    workspace.state.clock = lambda: time.time() + 30 * 60 + 1
    assert "expired_url" in (await AsyncWebhookClient(urls[1]).send(text="late")).body
