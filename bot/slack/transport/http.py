"""The HTTP door: Slack's signed requests, for those who do not use Socket Mode."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import Clock, SignatureVerifier

from bot.slack.log import log_failure
from bot.slack.transport.manifest import EVENTS_PATH
from bot.slack.transport.server import welcome

PATH = EVENTS_PATH

BODY_SECONDS = 5.0
"""How long a client may take for the body of its request; Slack itself gives up after three."""

_LARGEST = 1024 * 1024  # bytes; what Slack sends is far smaller
_COMMAND_FIELDS = ("command", "team_id", "user_id", "channel_id", "response_url")
_WINDOW = 5 * 60  # seconds either way in which a signature is good, as Slack advises

logger = logging.getLogger(__name__)


def web_app(
    app: AsyncApp, signing_secret: str, clock: Callable[[], float] = time.time, pages: Iterable[web.RouteDef] = ()
) -> web.Application:
    """Serve ``app`` at ``/slack/events``, and ``pages`` beside it; ``clock`` gives the seconds since 1970.

    Signatures are checked here and not by Bolt, which writes the body of a request that fails into the log
    and answers 500 to some malformed ones.
    """
    signatures = Signatures(signing_secret, clock)

    async def on_request(request: web.Request) -> web.Response:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not signatures.possible(timestamp, signature):  # told before the body is awaited
            return _refused("whose signature is missing, malformed or old")
        if (request.content_length or 0) > _LARGEST:
            raise web.HTTPRequestEntityTooLarge(_LARGEST)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            return _refused("that came too slowly", 408)
        if not signatures.good(timestamp, signature, body):
            return _refused("whose signature is wrong, or was used before")
        welcome(request)
        if not _makes_sense(body, request.content_type):
            logger.warning("A signed request makes no sense; Slack is told that it came")
            return web.Response()
        try:
            answer = await app.async_dispatch(await to_bolt_request(request))
            # A failed command or button is seen by whoever waits for it; a failed event would only be sent again.
            if answer.status >= 500 and body.startswith(b"{"):
                return web.Response()
            return await to_aiohttp_response(answer)
        # Bolt raises all kinds of errors for payloads of unexpected shape; sent again they would fail again.
        except Exception as error:
            log_failure("reading a request", error, {"retry": request.headers.get("X-Slack-Retry-Num")})
            return web.Response()

    server = web.Application(client_max_size=_LARGEST)
    server.router.add_post(PATH, on_request)
    server.router.add_routes(pages)
    return server


class Signatures:
    """Tells what Slack has signed, within five minutes of now, and takes each signature once.

    What Slack sends again it signs again, with the time of then: a signature that comes twice is a copy that somebody
    made, or a repeat within one second of a request that has been taken already. Refusing it loses nothing: if it was
    Slack, the next repeat is signed anew, and :func:`bot.store.claims.take` tells that it was answered.

    Args:
        secret: the app's signing secret.
        clock: gives the seconds since 1970.
    """

    def __init__(self, secret: str, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._verifier = SignatureVerifier(secret, _SlackClock(clock))
        self._taken: dict[str, float] = {}  # until when each would be good

    def possible(self, timestamp: str, signature: str) -> bool:
        """Tell whether these headers may belong to a request of Slack's, whatever its body."""
        # What else may stand in them makes the verifier raise rather than refuse.
        formed = re.fullmatch("[0-9]{1,12}", timestamp) and re.fullmatch("v0=[0-9a-f]{64}", signature)
        return formed is not None and abs(self._clock() - int(timestamp)) <= _WINDOW

    def good(self, timestamp: str, signature: str, body: bytes) -> bool:
        """Tell whether Slack signed ``body`` so, and has not sent it before; compares in constant time."""
        try:
            if not self._verifier.is_valid(body, timestamp, signature):
                return False
        except UnicodeDecodeError:  # the verifier takes text
            return False
        now = self._clock()
        if signature in self._taken:
            return False
        while self._taken and next(iter(self._taken.values())) < now:
            del self._taken[next(iter(self._taken))]
        self._taken[signature] = now + 2 * _WINDOW  # its own time may be that far ahead
        return True


class _SlackClock(Clock):
    """A clock of the SDK's kind."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.now = clock  # type: ignore[method-assign]


def _refused(what: str, status: int = 401) -> web.Response:
    logger.warning("Refused a request %s", what)
    return web.Response(status=status)


def _makes_sense(body: bytes, content_type: str) -> bool:
    """Tell whether a signed body has the shape of what Slack sends, in JSON or as a form."""
    text = body.decode()
    try:
        if content_type == "application/json" or text.startswith("{"):
            sent = json.loads(text)
            return isinstance(sent, dict) and isinstance(sent.get("event", {}), dict)
        form = dict(parse_qsl(text, keep_blank_values=True))
        if "payload" in form:
            return isinstance(json.loads(form["payload"]), dict)
    except (ValueError, RecursionError):
        return False
    return "ssl_check" in form or all(form.get(name) for name in _COMMAND_FIELDS)
