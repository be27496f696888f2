"""The tokens of workflow steps."""

import time
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Server, Workspace
from tests.slack_emulator import sample_app


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return the sample app's manifest."""
    return sample_app.manifest()


async def test_step_token_expires(workspace: Workspace, server: Server, ana: str) -> None:
    """The token of a step expires after fifteen minutes."""
    step = await workspace.run_step(ana, "ask", {"who": ana})
    scoped = AsyncWebClient(step.token, base_url=server.api_url)
    assert (await scoped.auth_test())["bot_id"] == workspace.bot_id
    workspace.state.clock = lambda: time.time() + 15 * 60 + 1
    with pytest.raises(SlackApiError, match="token_expired"):
        await scoped.auth_test()
