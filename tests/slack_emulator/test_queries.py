"""Waiting for a condition."""

import pytest

from slack_emulator import Workspace


async def test_until(workspace: Workspace) -> None:
    """The error of a timeout lists the last log entries."""
    workspace.log.record("api", "chat.postMessage", {})
    with pytest.raises(TimeoutError, match=r"api chat\.postMessage"):
        await workspace.until(lambda: False, timeout=0.01)
