"""Slack's signed HTTP requests, the alternative to Socket Mode."""

import asyncio
import hmac
import json
import logging
import re
import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.slack.log import log_failure
from bot.slack.transport.manifest import EVENTS_PATH
from bot.slack.transport.server import DEFAULT_LIMITS, ConnectionLimits, mark_verified

_COMMAND_FIELDS = ("command", "team_id", "user_id", "channel_id", "response_url")
_MAX_CLOCK_SKEW = 5 * 60  # seconds, as Slack advises

_logger = logging.getLogger(__name__)


def web_app(
    app: AsyncApp,
    signing_secret: str,
    clock: Callable[[], float] = time.time,
    limits: ConnectionLimits = DEFAULT_LIMITS,
) -> web.Application:
    """Return a web application that passes signed requests at ``/slack/events`` to ``app``.

    Signatures are verified here and not by Bolt, which logs the body of a request that fails and answers 500 to some
    malformed ones.
    ``clock`` returns Unix seconds. Of ``limits``, only those for the body are enforced here.
    """
    signatures = Signatures(signing_secret, clock)

    async def on_request(request: web.Request) -> web.Response:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not signatures.is_plausible(timestamp, signature):  # refused before the body is read
            return _refuse("whose signature is missing, malformed or old")
        if (request.content_length or 0) > limits.body_bytes:
            return _refuse("that is too large", 413)
        try:
            async with asyncio.timeout(limits.body_seconds):
                body = await request.read()
        except TimeoutError:
            return _refuse("that came too slowly", 408)
        if not signatures.verify(timestamp, signature, body):
            return _refuse("whose signature is wrong, or was used before")
        mark_verified(request)
        if not _is_slack_payload(body, request.content_type):
            _logger.warning("A signed request is malformed; it is acknowledged and ignored")
            return web.Response()
        try:
            response = await app.async_dispatch(await to_bolt_request(request))
            # A person sees that a command or button failed; a failed event would only be sent again.
            if response.status >= 500 and body.startswith(b"{"):
                return web.Response()
            return await to_aiohttp_response(response)
        # Bolt raises many kinds of errors for payloads of unexpected shape; a retry would fail in the same way.
        except Exception as error:
            log_failure("reading a request", error, {"retry": request.headers.get("X-Slack-Retry-Num")})
            return web.Response()

    server = web.Application(client_max_size=limits.body_bytes)
    server.router.add_post(EVENTS_PATH, on_request)
    return server


class Signatures:
    """Verifies Slack's signatures: each is valid within five minutes of its timestamp, and only once.

    Slack signs a retry anew, with the time of the retry. A repeated signature is therefore a replay, or a retry within
    the same second. Refusing the latter loses nothing: the first request was accepted, and the next retry has a new
    signature and finds the claim of the first (:func:`bot.store.claims.take`).
    ``clock`` returns Unix seconds.
    """

    def __init__(self, secret: str, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._verifier = SignatureVerifier(secret)
        self._expiry: dict[str, float] = {}  # of each signature used

    def is_plausible(self, timestamp: str, signature: str) -> bool:
        """Return whether these headers are well-formed and recent."""
        # The verifier raises an exception for malformed ones.
        well_formed = re.fullmatch("[0-9]{1,12}", timestamp) and re.fullmatch("v0=[0-9a-f]{64}", signature)
        return well_formed is not None and abs(self._clock() - int(timestamp)) <= _MAX_CLOCK_SKEW

    def verify(self, timestamp: str, signature: str, body: bytes) -> bool:
        """Return whether Slack signed ``body`` and the signature is new; compares in constant time."""
        try:
            expected = self._verifier.generate_signature(timestamp=timestamp, body=body)
        except UnicodeDecodeError:  # it decodes the body
            return False
        if not self.is_plausible(timestamp, signature) or not hmac.compare_digest(str(expected), signature):
            return False
        now = self._clock()
        if signature in self._expiry:
            return False
        while self._expiry and next(iter(self._expiry.values())) < now:
            del self._expiry[next(iter(self._expiry))]
        self._expiry[signature] = now + 2 * _MAX_CLOCK_SKEW  # its timestamp may be in the future
        return True


def _refuse(reason: str, status: int = 401) -> web.Response:
    _logger.warning("Refused a request %s", reason)
    return web.Response(status=status)


def _is_slack_payload(body: bytes, content_type: str) -> bool:
    """Return whether a signed body has the shape of Slack's JSON or form payloads."""
    text = body.decode()
    try:
        if content_type == "application/json" or text.startswith("{"):
            payload = json.loads(text)
            return isinstance(payload, dict) and isinstance(payload.get("event", {}), dict)
        form = dict(parse_qsl(text, keep_blank_values=True))
        if "payload" in form:
            return isinstance(json.loads(form["payload"]), dict)
    except (ValueError, RecursionError):
        return False
    return "ssl_check" in form or all(form.get(name) for name in _COMMAND_FIELDS)
