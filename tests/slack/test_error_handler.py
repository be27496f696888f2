"""Errors of listeners: whatever the payload, the error handler fails with none of its own."""

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.slack import error_handler

USER, TEAM = {"id": "U1"}, {"id": "T1"}
ACTION = {"type": "block_actions", "user": USER, "team": TEAM, "actions": [{"action_id": "a", "type": "button"}]}


class BrokenClient:
    """A client all of whose methods fail with the text that they send."""

    async def respond(self, *_: object, **__: object) -> None:
        """Fail."""
        raise ValueError("my secret text")

    open_view = respond


@pytest.mark.parametrize("acknowledged", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {"type": "view_submission", "user": USER, "team": TEAM, "view": {"callback_id": "v", "type": "modal"}},
        {**ACTION, "response_url": "https://example.com/"},
        {**ACTION, "trigger_id": "1.2", "view": {"type": "modal"}},
        {**ACTION, "trigger_id": "1.2", "view": "my secret text"},
        {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "U1"}},
    ],
    ids=["submission", "response_url", "trigger", "odd view", "event"],
)
async def test_no_error_escapes(body: Mapping[str, Any], acknowledged: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever fails while a failure is reported is logged without text."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="UBOT")

    app = AsyncApp(authorize=authorize, signing_secret="secret", request_verification_enabled=False)
    error_handler.register(app, lambda body: None)

    async def fail(ack: AsyncAck, context: dict[str, Any]) -> None:
        context["slack"] = BrokenClient()
        if acknowledged:
            await ack()
        raise ValueError("my secret text")

    app.event("app_mention")(fail)
    app.action("a")(fail)
    app.view("v")(fail)
    await app.async_dispatch(AsyncBoltRequest(body=dict(body), mode="socket_mode"))
    await asyncio.sleep(0.01)
    gc.collect()
    assert "handling an event failed: ValueError" in caplog.text
    assert not [record for record in caplog.records if record.name == "asyncio"]
    assert "secret" not in caplog.text
