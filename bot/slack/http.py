"""The HTTP door: Slack's signed requests, for those who do not use Socket Mode."""

import logging
import re

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.slack.failures import log_failure

PATH = "/slack/events"

_LARGEST = 1024 * 1024  # bytes; what Slack sends is far smaller

logger = logging.getLogger(__name__)


def web_app(app: AsyncApp, signing_secret: str) -> web.Application:
    """Serve ``app`` at ``/slack/events``.

    Signatures are checked here and not by Bolt, which writes the body of a request that fails into the log
    and answers 500 to some malformed ones.
    """
    verifier = SignatureVerifier(signing_secret)

    async def on_request(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(verifier, body, request):
            logger.warning("Refused a request whose signature is missing, old or wrong")
            return web.Response(status=401)
        try:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))
        # Bolt raises all kinds of errors for payloads of unexpected shape; sent again they would fail again.
        except Exception as error:
            log_failure("reading a request", error, {"retry": request.headers.get("X-Slack-Retry-Num")})
            return web.Response()

    server = web.Application(client_max_size=_LARGEST)
    server.router.add_post(PATH, on_request)
    return server


def _is_signed(verifier: SignatureVerifier, body: bytes, request: web.Request) -> bool:
    """Tell whether Slack signed the request less than five minutes ago."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    # What else may stand in these headers, or in the body, makes the verifier raise rather than refuse.
    if not (re.fullmatch("[0-9]{1,12}", timestamp) and signature.isascii()):
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False
