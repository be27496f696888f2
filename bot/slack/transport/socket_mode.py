"""Socket Mode: a WebSocket to Slack, over which it sends events.

The SDK's client notices a connection that has gone silent and replaces it. Added here: the old connection is kept
until the new one is open, each attempt requests a new address (an address is valid for one connection), attempts back
off, and the log has one line instead of a traceback for each attempt.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.errors import BotError, SlackError
from bot.observability.metrics import RECONNECTS
from bot.slack.client.executor import Call
from bot.slack.client.slack_client import SlackClient
from bot.slack.log import log_failure
from bot.slack.timing import Timing

_FIRST_CONNECTION_SECONDS = 30
_LONGEST_PAUSE = 30.0  # seconds between two attempts

_logger = logging.getLogger(__name__)


class Connection(SocketModeClient):
    """The SDK's client with the changes above."""

    def __init__(self, app: AsyncApp, slack: SlackClient, app_token: str, timing: Timing) -> None:
        super().__init__(app_token, app.logger, app.client, ping_interval=timing.ping)
        self._slack = slack
        self._timing = timing
        self._lost_at: float | None = None
        self._unhandled = 0  # envelopes
        self._all_handled = asyncio.Event()
        self._draining: set[asyncio.Task[None]] = set()

    def disconnected_for(self) -> float:
        """Return for how many seconds there has been no working connection."""
        return 0.0 if self._lost_at is None else time.monotonic() - self._lost_at

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Replace the connection if it is lost, or in any case with ``force``, unless it has just been replaced."""
        session = self.current_session
        async with self.connect_operation_lock:
            if self.closed or self.current_session is not session:
                return
            lost = not await self.is_connected()
            if not (lost or force):
                return
            if lost:
                self._lost_at = time.monotonic()
                _logger.warning("The connection to Slack is lost. Reconnecting.")
            await self.connect()
            RECONNECTS.inc()
            if self._lost_at is not None and not self.closed:
                _logger.info("Reconnected to Slack after %.0f s", self.disconnected_for())
                self._lost_at = None

    async def connect(self) -> None:
        """Open a connection, trying until one is open, and then drain the old one."""
        old, pause, logged = self.current_session, self._timing.reconnect, ""
        while not self.closed:
            try:
                async with asyncio.timeout(self._timing.connect):
                    new = await self._open()
                break
            except Exception as error:  # Slack may refuse, and the network fail in many ways; all of them may pass
                reason = error.code if isinstance(error, SlackError) else type(error).__name__
                if reason != logged:
                    _logger.warning("Cannot connect to Slack (%s). Trying again.", reason)
                logged = reason
                if reason == "too_many_websockets" and old is not None:
                    await old.close()
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return
        self._use(new)
        if old is not None:
            task = asyncio.create_task(self._drain(old))
            self._draining.add(task)
            task.add_done_callback(self._draining.discard)

    async def _open(self) -> ClientWebSocketResponse:
        """Request an address and open a connection to it."""
        if self.aiohttp_client_session.closed:
            self.aiohttp_client_session = aiohttp.ClientSession()
        call = Call("apps.connections.open", {"app_token": self.app_token}, attempts=1)
        self.wss_uri = str((await self._slack.call(call)).data["url"])
        new = await self.aiohttp_client_session.ws_connect(
            self.wss_uri,
            autoping=False,
            heartbeat=self.ping_interval,
            proxy=self.proxy,
            ssl=self.web_client.ssl if self.web_client.ssl is not None else True,
        )
        await new.ping(f"sdk-ping-pong:{time.time()}".encode())
        return new

    def _use(self, new: ClientWebSocketResponse) -> None:
        """Receive from a connection, and monitor it, instead of the old one."""
        self.current_session = new
        self.stale = False
        self.last_ping_pong_time = None
        old_tasks = self.current_session_monitor, self.message_receiver
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        for task in old_tasks:
            if task is not None:
                task.cancel()

    async def _drain(self, old: ClientWebSocketResponse) -> None:
        """Receive what Slack still sends over a connection that was replaced, then close it."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self._timing.overlap):
                async for message in old:
                    if message.type is WSMsgType.PING:
                        await old.pong(message.data)
                    elif message.type is WSMsgType.TEXT and json.loads(message.data).get("type") != "disconnect":
                        await self.enqueue_message(message.data)
        await old.close()

    async def enqueue_message(self, message: str) -> None:
        """Count an envelope and enqueue it."""
        self._unhandled += 1
        self._all_handled.clear()
        await super().enqueue_message(message)

    async def run_message_listeners(self, message: dict[str, object], raw_message: str) -> None:
        """Handle an envelope."""
        reconnecting = message.get("type") == "disconnect"  # takes a while, and nobody is waiting for it
        if reconnecting:
            self._count_handled()
        try:
            await super().run_message_listeners(message, raw_message)
        finally:
            if not reconnecting:
                self._count_handled()

    def _count_handled(self) -> None:
        self._unhandled -= 1
        if not self._unhandled:
            self._all_handled.set()

    async def stop(self) -> None:
        """Receive nothing more, acknowledge what has been received, and close the connection."""
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled = False
        try:
            for task in (self.message_receiver, *self._draining):
                if task is not None:
                    task.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.finish):
                    while self._unhandled:
                        await self._all_handled.wait()
        finally:
            await self.close()  # type: ignore[no-untyped-call] # slack_sdk has no types here


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler for a :class:`Connection`; it acknowledges what Bolt cannot parse, so that it is not resent."""

    def __init__(self, app: AsyncApp, connection: Connection) -> None:
        self.app, self.client = app, connection  # Bolt's own constructor would create the SDK's client
        connection.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type] # as Bolt does

    # Bolt narrows the type of the client in the same way.
    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Let Bolt handle one envelope."""
        try:
            await super().handle(client, req)
        except (aiohttp.ClientError, ConnectionError):
            pass  # the connection broke before the acknowledgement, so Slack sends the envelope again
        except Exception as error:  # Bolt raises many kinds of errors for payloads of unexpected shape
            log_failure("parsing an envelope", error, {"envelope_id": req.envelope_id, "type": req.type})
            with suppress(aiohttp.ClientError, ConnectionError):
                await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))


@asynccontextmanager
async def connected(app: AsyncApp, slack: SlackClient, app_token: str, timing: Timing) -> AsyncIterator[Connection]:
    """Be connected inside the block; raises BotError if the address that Slack gave does not answer."""
    connection = Connection(app, slack, app_token, timing)
    _Handler(app, connection)
    try:
        try:
            async with asyncio.timeout(_FIRST_CONNECTION_SECONDS):
                await connection.connect()
        except TimeoutError:
            raise BotError(
                "Slack accepted the tokens, but its Socket Mode address did not answer within "
                f"{_FIRST_CONNECTION_SECONDS} seconds. Check that this machine's network allows WebSockets."
            ) from None
        yield connection
    finally:
        await connection.stop()
