"""Socket Mode: the app's connections, and envelopes over them."""

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

from slack_emulator.errors import NobodyThere, Undelivered
from slack_emulator.transport.delivery import Kind
from slack_emulator.transport.traffic_log import Log

_ANSWERED_IN_ACK = {"view_submission", "block_suggestion"}
_HOST = "applink-stand-in"


@dataclass(eq=False)
class Connection:
    """One WebSocket of the app; `leaving` once it was asked to go."""

    socket: web.WebSocketResponse
    wire: asyncio.Transport | None
    leaving: bool = False


class Sockets:
    """The app's Socket Mode connections: a transport that gives each payload to any one of them."""

    def __init__(self, app_id: str, log: Log) -> None:
        self._app_id = app_id
        self._log = log
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._turn = itertools.count()
        self.used = False  # whether anybody ever was connected
        self.connections: list[Connection] = []

    @property
    def ready(self) -> bool:
        """Whether anybody is connected."""
        return bool(self.connections)

    def ticket(self) -> str:
        """Make the secret of a WebSocket address, good for one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection, from hello to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="This address was used already, or never given out.")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
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
            self._log.note("socket", "connected", {"num_connections": len(self.connections)})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._acknowledged(frame.data)
        except ConnectionError:
            pass  # cut while it was greeted, or a ping answered: the same as cut while nothing was said
        finally:
            self.connections.remove(connection)
            self._log.note("socket", "closed", {"num_connections": len(self.connections)})
        return socket

    def _acknowledged(self, frame: str) -> None:
        """Take an acknowledgement; one that is late or means nothing is passed over."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            ack = json.loads(frame)
            waiting = self._waiting.get(ack["envelope_id"])
            if waiting and not waiting.done():
                waiting.set_result(ack.get("payload") or {})

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Send one envelope over one connection and wait for its acknowledgement.

        Raises:
            NobodyThere: If nobody is connected.
            Undelivered: If no acknowledgement came in time.
        """
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind == "slash_commands" or payload.get("type") in _ANSWERED_IN_ACK,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        waiting: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = waiting
        try:
            await self._push(json.dumps(envelope))
            async with asyncio.timeout(within):
                return await waiting
        except TimeoutError:
            raise Undelivered("timeout") from None
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def _push(self, frame: str) -> None:
        staying = [connection for connection in self.connections if not connection.leaving]
        choice = staying or self.connections
        if not choice:
            raise NobodyThere("timeout")
        try:
            await choice[next(self._turn) % len(choice)].socket.send_str(frame)
        except ConnectionError:
            raise NobodyThere("timeout") from None

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be replaced, with a `disconnect` frame.

        With `refresh_requested` nothing more is sent over the old connections once there is a new one; with
        `warning` they go on as before until the app closes them.
        """
        for connection in self.connections:
            connection.leaving = reason != "warning"
            await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}})
        self._log.note("socket", "disconnect", {"reason": reason})

    async def drop(self) -> None:
        """Cut every connection without a word, as a broken network does."""
        for connection in list(self.connections):
            if connection.wire:
                connection.wire.abort()
        self._log.note("socket", "dropped", {})

    async def close(self) -> None:
        """Close every connection in good order."""
        for connection in list(self.connections):
            await connection.socket.close()
