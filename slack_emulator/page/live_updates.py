"""Live windows: one WebSocket for each, over which goes what has changed of the things that it shows."""

import asyncio
import contextlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from slack_emulator.page import snapshots as looks
from slack_emulator.page.guard import Guard
from slack_emulator.workspace import Workspace

STALE = 4401
"""Code with which a window is closed whose token is of another run of the server: it must load the page again."""

_MESSAGES = 300  # the last of a channel; a page that shows more than that is slow to draw
_EXCHANGES = 200  # how much of the log a new window gets
_PATIENCE = 5  # seconds for the first frame
_BREATH = 0.03  # seconds between two looks, so that a burst of changes is shown at once


@dataclass
class _Window:
    """What a window looks at, and what it has been told."""

    user: str = ""
    channel: str = ""
    told: dict[str, str] = field(default_factory=dict)
    exchanges: int = 0


class Live:
    """Serves the windows.

    A window's first frame carries the `token`; this one and every later one say as which `user` it looks at which
    `channel`. It is sent frames with a `part` and its `value`: `overview`, `messages` and `views` as a whole when they
    have changed, `log` with what is new.
    """

    def __init__(self, workspace: Workspace, guard: Guard) -> None:
        self._workspace = workspace
        self._guard = guard

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one window, until it or the server closes."""
        self._guard.same_site(request)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=4096)
        await socket.prepare(request)
        try:
            first = _read(await socket.receive_str(timeout=_PATIENCE))
        except (TypeError, TimeoutError):
            first = {}
        if not self._guard.knows(first.get("token")):
            await socket.close(code=STALE, message=b"The token is missing or of another run.")
            return socket
        window = _Window()
        self._look(window, first)
        telling = asyncio.ensure_future(self._tell(socket, window))
        try:
            async for frame in socket:
                self._look(window, _read(frame.data))
        finally:
            telling.cancel()
        return socket

    def _look(self, window: _Window, asked: dict[str, Any]) -> None:
        state = self._workspace.state
        user, channel = str(asked.get("user")), str(asked.get("channel"))
        if user in state.users and channel in state.channels:
            window.user, window.channel = user, channel
        self._workspace.changes.ring()

    async def _tell(self, socket: web.WebSocketResponse, window: _Window) -> None:
        """Tell the window of everything, and then of every change."""
        waits: asyncio.Future[Any] = asyncio.ensure_future(self._guard.closing.wait())
        closing = change = waits
        try:
            while not closing.done():
                change = asyncio.ensure_future(self._workspace.changes.next())
                for part, value in self._parts(window).items():
                    frame = json.dumps({"part": part, "value": value})
                    if window.told.get(part) != frame:
                        window.told[part] = frame
                        await socket.send_str(frame)
                await asyncio.sleep(_BREATH)
                await asyncio.wait({change, closing}, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
            await socket.close(code=1001)
        except ConnectionError:
            pass  # the window was closed
        finally:
            closing.cancel()
            change.cancel()

    def _parts(self, window: _Window) -> dict[str, object]:
        workspace, user, channel = self._workspace, window.user, window.channel
        parts: dict[str, object] = {"overview": looks.overview(workspace, user)}
        if user:
            seen = looks.messages(workspace, user, channel)[-_MESSAGES:]
            parts["messages"] = {"user": user, "channel": channel, "list": seen}
            parts["views"] = {"user": user, **looks.views(workspace, user)}
        if new := min(workspace.log.noted - window.exchanges, _EXCHANGES):
            parts["log"] = [asdict(exchange) for exchange in workspace.log[-new:]]
            window.exchanges = workspace.log.noted
        return parts


def _read(frame: object) -> dict[str, Any]:
    """Read a frame; one that is no JSON object says nothing."""
    with contextlib.suppress(ValueError, TypeError):
        read = json.loads(str(frame))
        return read if isinstance(read, dict) else {}
    return {}
