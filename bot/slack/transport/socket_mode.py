"""The Socket Mode door: a connection to Slack, over which it sends what people do.

The SDK's client notices a connection that has gone silent and replaces it. What is missing there is added here: the
old connection is kept until the new one stands, each try asks for a new address (one is good for one connection), tries
that fail are soon repeated but never hurried, and the log says so in one line instead of a traceback a try.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.observability.metrics import RECONNECTS
from bot.slack.client.failures import error_code, log_failure

PING_SECONDS = 5.0
"""How often the connection is tried; one that is silent for one and a half times that is closed and replaced."""

OVERLAP_SECONDS = 10.0
"""How long a connection that Slack wants replaced is listened to beside the new one."""

_TRY_SECONDS = 10.0
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds between tries to connect, doubling

_logger = logging.getLogger(__name__)


class Client(SocketModeClient):
    """The SDK's client, with replacing a connection done as said above."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(app_token, app.logger, app.client, ping_interval=PING_SECONDS)
        self._lost_at: float | None = None
        self._came = 0  # envelopes received whose handling has not ended
        self._all_handled = asyncio.Event()
        self._seeing_off: set[asyncio.Task[None]] = set()

    def away(self) -> float:
        """Return for how many seconds there has been no good connection: 0.0 while there is one."""
        return 0.0 if self._lost_at is None else time.monotonic() - self._lost_at

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Replace the connection, unless somebody just did; ``force``, also one that is still good."""
        session = self.current_session
        async with self.connect_operation_lock:
            if self.closed or self.current_session is not session:
                return
            lost = not await self.is_connected()
            if not (lost or force):
                return
            if lost:
                self._lost_at = time.monotonic()
                _logger.warning("The connection to Slack is lost: connecting again")
            await self.connect()
            RECONNECTS.inc()
            if self._lost_at is not None and not self.closed:
                _logger.info("Connected to Slack again after %.0f s", self.away())
                self._lost_at = None

    async def connect(self) -> None:
        """Open a connection, trying until one stands, and only then see the old one off."""
        old, pause, told = self.current_session, _PAUSE, ""
        while not self.closed:
            try:
                async with asyncio.timeout(_TRY_SECONDS):
                    new = await self._open()
                break
            # Slack may refuse, and the network fail in many ways; all of them may pass.
            except Exception as error:
                reason = error_code(error) if isinstance(error, SlackApiError) else type(error).__name__
                if reason != told:
                    _logger.warning("Cannot connect to Slack (%s): trying again", reason)
                told = reason
                if reason == "too_many_websockets" and old is not None:
                    await old.close()
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return
        self._use(new)
        if old is not None:
            task = asyncio.create_task(self._see_off(old))
            self._seeing_off.add(task)
            task.add_done_callback(self._seeing_off.discard)

    async def _open(self) -> ClientWebSocketResponse:
        """Ask for an address and open a connection to it."""
        if self.aiohttp_client_session.closed:
            self.aiohttp_client_session = aiohttp.ClientSession()
        answer = await self.web_client.apps_connections_open(app_token=self.app_token)
        self.wss_uri = str(answer["url"])
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
        """Listen to a connection, and watch it, from now on."""
        self.current_session = new
        self.stale = False
        self.last_ping_pong_time = None
        tasks = self.current_session_monitor, self.message_receiver
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        for task in tasks:
            if task is not None:
                task.cancel()

    async def _see_off(self, old: ClientWebSocketResponse) -> None:
        """Take what Slack still sends over a connection that was replaced, until it ends."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(OVERLAP_SECONDS):
                async for message in old:
                    if message.type is WSMsgType.PING:
                        await old.pong(message.data)
                    elif message.type is WSMsgType.TEXT and json.loads(message.data).get("type") != "disconnect":
                        await self.enqueue_message(message.data)
        await old.close()

    async def enqueue_message(self, message: str) -> None:
        """Take what has come."""
        self._came += 1
        self._all_handled.clear()
        await super().enqueue_message(message)

    async def run_message_listeners(self, message: dict[str, object], raw_message: str) -> None:
        """Handle what has come."""
        replacing = message.get("type") == "disconnect"  # takes as long as it takes, and nobody waits for it
        if replacing:
            self._handled()
        try:
            await super().run_message_listeners(message, raw_message)
        finally:
            if not replacing:
                self._handled()

    def _handled(self) -> None:
        self._came -= 1
        if not self._came:
            self._all_handled.set()

    async def stop(self, within: float) -> None:
        """Take nothing more in, acknowledge what has come, and close the connection."""
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled = False
        try:
            for task in (self.message_receiver, *self._seeing_off):
                if task is not None:
                    task.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    while self._came:
                        await self._all_handled.wait()
        finally:
            await self.close()  # type: ignore[no-untyped-call] # slack_sdk has no types here


class Handler(AsyncSocketModeHandler):
    """Bolt's handler with the client above; it also acknowledges what Bolt cannot read, lest Slack sends it again."""

    client: Client

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        # Bolt's own constructor would make the SDK's client.
        self.app, self.app_token = app, app_token
        self.client = Client(app, app_token)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type] # as Bolt does

    # Bolt narrows the client in just this way.
    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Let Bolt handle one envelope."""
        try:
            await super().handle(client, req)
        except (aiohttp.ClientError, ConnectionError):
            pass  # the connection broke before the acknowledgement: Slack sends it again
        # Bolt raises all kinds of errors for payloads of unexpected shape, before any listener or error handler.
        except Exception as error:
            log_failure("reading an envelope", error, {"envelope_id": req.envelope_id, "type": req.type})
            with suppress(aiohttp.ClientError, ConnectionError):
                await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
