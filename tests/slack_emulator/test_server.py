"""Starting the server."""

import pytest

from slack_emulator import Server, Workspace, serve


async def test_port_in_use(workspace: Workspace, server: Server) -> None:
    """A port in use is an OSError."""
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        async with serve(workspace, port=port):
            pass
