"""Live updates of the page: one WebSocket per browser window, which receives what has changed."""

import asyncio
import contextlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from slack_emulator.page import snapshots
from slack_emulator.page.guard import Guard
from slack_emulator.workspace import Workspace

INVALID_TOKEN = 4401
"""The close code for a token of an earlier run of the server. The page then reloads."""

_MAX_MESSAGES = 300  # of a channel; more are slow to draw
_MAX_LOG_ENTRIES = 200  # for a new window
_FIRST_FRAME_TIMEOUT = 5
_MIN_INTERVAL = 0.03  # seconds between two updates, so that a burst of changes becomes one


@dataclass
class _Window:
    """The user and channel that a window shows, and the frames sent so far."""

    user: str = ""
    channel: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    log_entries: int = 0


class LiveUpdates:
    """Serves the WebSocket of each window.

    The first frame from a window has the `token`. This frame and all later ones have the `user` and the `channel` that
    the window shows. The server sends frames with a `part` and its `value`: the whole `overview`, `messages`,
    `views` and, for an app with one, the `agent` view when they have changed, and new entries of the `log`.
    """

    def __init__(self, workspace: Workspace, guard: Guard) -> None:
        self._workspace = workspace
        self._guard = guard

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one window until it or the server closes."""
        self._guard.check_origin(request)
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=4096)
        await socket.prepare(request)
        try:
            first = _parse(await socket.receive_str(timeout=_FIRST_FRAME_TIMEOUT))
        except (TypeError, TimeoutError):
            first = {}
        if not self._guard.is_valid_token(first.get("token")):
            await socket.close(code=INVALID_TOKEN, message=b"The token is missing or invalid.")
            return socket
        window = _Window()
        self._select(window, first)
        sending = asyncio.ensure_future(self._send_updates(socket, window))
        try:
            async for frame in socket:
                self._select(window, _parse(frame.data))
        finally:
            sending.cancel()
        return socket

    def _select(self, window: _Window, selection: dict[str, Any]) -> None:
        """Change the user and channel of a window."""
        state = self._workspace.state
        user, channel = str(selection.get("user")), str(selection.get("channel"))
        if user in state.users and channel in state.channels:
            window.user, window.channel = user, channel
        self._workspace.changes.notify()

    async def _send_updates(self, socket: web.WebSocketResponse, window: _Window) -> None:
        closing: asyncio.Future[Any] = asyncio.ensure_future(self._guard.closing.wait())
        change = closing
        try:
            while not closing.done():
                change = asyncio.ensure_future(self._workspace.changes.next_change())
                for part, value in self._parts(window).items():
                    frame = json.dumps({"part": part, "value": value})
                    if window.sent.get(part) != frame:
                        window.sent[part] = frame
                        await socket.send_str(frame)
                await asyncio.sleep(_MIN_INTERVAL)
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
        parts: dict[str, object] = {"overview": snapshots.overview(workspace, user)}
        if user:
            seen = snapshots.messages(workspace, user, channel, _MAX_MESSAGES)
            is_whole = len(seen) < _MAX_MESSAGES
            parts["messages"] = {"user": user, "channel": channel, "list": seen, "is_whole": is_whole}
            parts["views"] = {"user": user, **snapshots.views(workspace, user)}
            if workspace.installation.agent_view is not None:
                dm = workspace.state.dm(user).id
                seen = snapshots.messages(workspace, user, dm, _MAX_MESSAGES)
                parts["agent"] = {"user": user, "channel": dm, "list": seen, **snapshots.agent(workspace, user)}
        if new := min(workspace.log.total - window.log_entries, _MAX_LOG_ENTRIES):
            parts["log"] = [asdict(entry) for entry in workspace.log[-new:]]
            window.log_entries = workspace.log.total
        return parts


def _parse(frame: object) -> dict[str, Any]:
    """Parse a frame; return an empty object if it is not a JSON object."""
    with contextlib.suppress(ValueError, TypeError):
        parsed = json.loads(str(frame))
        return parsed if isinstance(parsed, dict) else {}
    return {}
