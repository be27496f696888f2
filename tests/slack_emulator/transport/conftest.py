"""Fixtures for the tests of the transports."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from slack_emulator import (
    Workspace,
)

EVENT = {"type": "app_home_opened", "user": "U1", "tab": "home"}


@pytest.fixture
def received(workspace: Workspace, app: AsyncApp) -> list[tuple[str, str, str]]:
    """Register a listener, and return its deliveries: event id, retry number and retry reason."""
    deliveries: list[tuple[str, str, str]] = []

    @app.event("app_home_opened")
    async def note(body: dict[str, Any], request: Any) -> None:  # noqa: ANN401 - Bolt's request
        number, reason = (request.headers.get(name, [""])[0] for name in ("x-slack-retry-num", "x-slack-retry-reason"))
        deliveries.append((body["event_id"], number, reason))
        workspace.changes.notify()

    return deliveries
