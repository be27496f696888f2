"""Installation over OAuth: https://docs.slack.dev/authentication/installing-with-oauth."""

import asyncio
import hmac
import logging
from collections.abc import Collection
from html import escape
from math import ceil
from urllib.parse import urlencode

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError, InstallationError, SlackError
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.log import log_failure
from bot.slack.parsing.request import COMMAND
from bot.slack.timing import DEFAULT_TIMING
from bot.slack.transport.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.slack.transport.server import mark_verified
from bot.slack.transport.token_provider import TokenProvider
from bot.store import installations

STATE_SECONDS = 10 * 60
"""How long an installation may take on Slack's page."""

MAX_EXCHANGES = 10
"""How many codes are exchanged at a time, since only Slack knows which of them are made up."""

_COOKIE = "installing"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address contains the code
    "X-Content-Type-Options": "nosniff",
}

_logger = logging.getLogger(__name__)


def routes(provider: TokenProvider, client: AsyncWebClient, scopes: Collection[str]) -> list[web.RouteDef]:
    """Return the routes of the installation.

    ``client`` exchanges the codes; its connections should be its own. The page on which an app is installed is next to
    its Web API.
    """
    slack = SlackClient(client, CallExecutor(DEFAULT_TIMING, wait=False), "")  # with rate limits of its own
    query = urlencode({"client_id": provider.client.client_id, "scope": ",".join(scopes)})
    authorize_url = f"{client.base_url.removesuffix('api/')}oauth/v2/authorize?{query}"
    exchanges = asyncio.Semaphore(MAX_EXCHANGES)

    async def redirect_to_slack(_: web.Request) -> web.Response:
        # The state is signed and not stored, so that a visit writes nothing to the database.
        state = provider.cipher.create_state(provider.clock())
        response = _response("", 302, Location=f"{authorize_url}&{urlencode({'state': state})}")
        response.set_cookie(
            _COOKIE, state, max_age=STATE_SECONDS, path=REDIRECT_PATH, secure=True, httponly=True, samesite="Lax"
        )
        return response

    async def handle_redirect_back(request: web.Request) -> web.Response:
        if "error" in request.query:
            return _page("Nothing was installed", "The installation was cancelled.")
        code, state = request.query.get("code"), request.query.get("state", "")
        if not code or not _is_authentic(provider, state, request.cookies.get(_COOKIE, "")):
            return _invalid_link_page()
        if exchanges.locked():
            _logger.warning("Refused an installation while %s others are in progress", MAX_EXCHANGES)
            return _page("Too many installations", "Reload this page in a minute to continue.", 503, retry=False)
        async with exchanges:
            if not await _is_first_use(provider, state):
                return _invalid_link_page()
            mark_verified(request)
            return await _install(provider, slack, code)

    # A HEAD request, which link previews send, must not start or finish an installation.
    return [
        web.get(INSTALL_PATH, redirect_to_slack, allow_head=False),
        web.get(REDIRECT_PATH, handle_redirect_back, allow_head=False),
    ]


def _is_authentic(provider: TokenProvider, state: str, cookie: str) -> bool:
    """Return whether a state was given to this browser in the last ten minutes."""
    return hmac.compare_digest(
        state.encode(errors="replace"), cookie.encode(errors="replace")
    ) and provider.cipher.verify_state(state, int(provider.clock()), STATE_SECONDS)


async def _is_first_use(provider: TokenProvider, state: str) -> bool:
    now = int(provider.clock())
    return await provider.database.run(installations.consume_state, state, now, now + STATE_SECONDS)


async def _install(provider: TokenProvider, slack: SlackClient, code: str) -> web.Response:
    """Exchange a code; return the page that says whether the bot is installed."""
    try:
        installed = await provider.install(code, slack)
    except Exception as error:  # Slack or the database may fail: the browser gets a page
        return _failure_page(error)
    title, command = "The bot is installed", f"<code>{COMMAND} I love this</code>"
    if installed.is_organization:
        _logger.info("installed for one more organization")
        name = escape(installed.name or "your organization")
        html = f"It is now available to {name}. Add it to workspaces in Slack's organization settings, then type "
        return _page(title, f"{html}{command} there.", retry=False)
    _logger.info("installed in one more workspace")
    name = escape(installed.name or "your workspace")
    return _page(title, f"It is now in {name}. Open Slack there and type {command}.", retry=False)


def _invalid_link_page() -> web.Response:
    return _page(
        "This link is not valid",
        "It is older than ten minutes, was opened in another browser, or has been used before. If you have "
        "just installed the bot, you are done.",
        400,
    )


def _failure_page(error: Exception) -> web.Response:
    """Say why the bot is not installed."""
    title = "The bot is not installed"
    if isinstance(error, InstallationError):
        return _page(title, str(error), 400)
    if isinstance(error, DeliveryError) and error.retry_after:
        minutes = ceil(error.retry_after / 60)
        wait = f"{minutes} minutes" if minutes > 1 else "a minute"
        return _page(title, f"Slack accepts no more installations at the moment. Try again in {wait}.", 503)
    if isinstance(error, DeliveryError) or (isinstance(error, SlackError) and not error.is_answer):
        return _page(title, "Slack cannot be reached at the moment.", 502)
    if not isinstance(error, SlackError):  # which is in the log already
        log_failure("an installation", error, {})
    return _page(title, "Whoever runs the bot can find the reason in its log.", 500)


def _page(title: str, html: str, status: int = 200, *, retry: bool = True) -> web.Response:
    """Return a page."""
    link = f'<p><a href="{INSTALL_PATH}">Try again</a></p>' if retry else ""
    return _response(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><h1>{title}</h1><p>{html}</p>'
        f"{link}</html>",
        status,
    )


def _response(html: str, status: int, **headers: str) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", headers={**_HEADERS, **headers})
