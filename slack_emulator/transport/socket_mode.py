"""Socket Mode: the WebSocket connections of the app.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import contextlib
import itertools
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from slack_emulator.errors import NotAcknowledgedError, NotConnectedError
from slack_emulator.transport.delivery import PayloadKind
from slack_emulator.transport.traffic_log import TrafficLog

_ACCEPTS_RESPONSE = {"view_submission", "block_suggestion"}
_HOST = "slack-emulator"


@dataclass(eq=False)
class AppConnection:
    """One WebSocket connection; `draining` after it was asked to disconnect."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    draining: bool = False


class SocketModeTransport:
    """A transport over Socket Mode connections; each payload goes to one of them.

    Attributes:
        connections: The open connections.
        used: Whether the app has ever been connected.
    """

    def __init__(self, app_id: str, log: TrafficLog) -> None:
        self._app_id = app_id
        self._log = log
        self._tickets: set[str] = set()
        self._pending: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._round_robin = itertools.count()
        self.used = False
        self.connections: list[AppConnection] = []

    @property
    def ready(self) -> bool:
        """Whether the app is connected."""
        return bool(self.connections)

    def create_ticket(self) -> str:
        """Return a new secret for a WebSocket URL, valid for one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it is closed."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="This URL is invalid or was used before.")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        connection = AppConnection(socket, request.transport)
        self.connections.append(connection)
        self.used = True
        try:
            await socket.send_json(
                {
                    "type": "hello",
                    "num_connections": len(self.connections),
                    "debug_info": {"host": _HOST, "build_number": 1, "approximate_connection_time": 18060},
                    "connection_info": {"app_id": self._app_id},
                }
            )
            self._log.record("socket", "connected", {"num_connections": len(self.connections)})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._handle_ack(frame.data)
        except ConnectionError:
            pass  # the connection was lost while a frame was being sent
        finally:
            self.connections.remove(connection)
            self._log.record("socket", "closed", {"num_connections": len(self.connections)})
        return socket

    def _handle_ack(self, frame: str) -> None:
        """Complete the pending payload; ignore acknowledgements that are late or malformed."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            ack = json.loads(frame)
            pending = self._pending.get(ack["envelope_id"])
            if pending and not pending.done():
                pending.set_result(ack.get("payload") or {})

    async def send(
        self, kind: PayloadKind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Send one envelope over one connection and wait for the acknowledgement.

        Raises:
            NotConnectedError: If the app is not connected.
            NotAcknowledgedError: If the app did not acknowledge in time.
        """
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind == "slash_commands" or payload.get("type") in _ACCEPTS_RESPONSE,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        pending: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._pending[envelope["envelope_id"]] = pending
        try:
            await self._send_frame(json.dumps(envelope))
            async with asyncio.timeout(within):
                return await pending
        except TimeoutError:
            raise NotAcknowledgedError("timeout") from None
        finally:
            del self._pending[envelope["envelope_id"]]

    async def _send_frame(self, frame: str) -> None:
        active = [connection for connection in self.connections if not connection.draining]
        candidates = active or self.connections
        if not candidates:
            raise NotConnectedError("timeout")
        try:
            await candidates[next(self._round_robin) % len(candidates)].socket.send_str(frame)
        except ConnectionError:
            raise NotConnectedError("timeout") from None

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Send a `disconnect` frame over every connection.

        With `refresh_requested`, the old connections are no longer used once there is a new one. With `warning`, they
        stay in use until the app closes them.
        """
        for connection in self.connections:
            connection.draining = reason != "warning"
            await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}})
        self._log.record("socket", "disconnect", {"reason": reason})

    async def drop(self) -> None:
        """Abort every connection without closing it, as a broken network does."""
        for connection in list(self.connections):
            if connection.transport:
                connection.transport.abort()
        self._log.record("socket", "dropped", {})

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self.connections):
            await connection.socket.close()
