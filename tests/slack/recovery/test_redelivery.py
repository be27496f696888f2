"""Redelivery of events from memory."""

import asyncio

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.recovery.lifecycle import InFlightTracker
from bot.slack.recovery.redelivery import Redelivery
from bot.slack.timing import Timing
from bot.store.claims import Effect
from tests.support.processes import poll

EFFECT = Effect("T1", "C1", "1.1", "reply")
BODY = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "U1", "text": "my secret"}}


async def test_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """An event that always fails is dispatched for more than ten minutes, and then given up without its text."""
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        await asyncio.sleep(0)

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="UBOT")

    app = AsyncApp(authorize=authorize, signing_secret="secret", request_verification_enabled=False)
    InFlightTracker(app)
    redelivery, attempts = Redelivery(app, Timing(lambda: now, sleep)), list[float]()

    @app.event("app_mention")
    async def listen() -> None:
        attempts.append(now)
        redelivery.add(EFFECT, BODY)

    redelivery.add(EFFECT, BODY)
    task = asyncio.create_task(redelivery.run())
    await poll(lambda: "given up (channel=C1 ts=1.1)" in caplog.text)
    assert attempts[0] <= 60
    assert 600 <= attempts[-1] <= 1200
    count = len(attempts)
    await asyncio.sleep(0.05)
    assert len(attempts) == count
    task.cancel()
    assert "secret" not in caplog.text
