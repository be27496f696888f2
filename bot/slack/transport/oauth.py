"""Installing the bot in a workspace, over the web: off to Slack, and back with a code that is good for a token.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import hmac
import logging
from collections.abc import Collection
from html import escape
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.failures import log_failure
from bot.slack.transport.manifest import COMMAND, INSTALL_PATH, REDIRECT_PATH, scopes
from bot.slack.transport.server import mark_verified
from bot.slack.transport.token_provider import OrganizationWide, TokenProvider
from bot.store import installations

STATE_SECONDS = 10 * 60
"""How long somebody may take at Slack."""

_COOKIE = "installing"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address has the code
    "X-Content-Type-Options": "nosniff",
}

_logger = logging.getLogger(__name__)


def pages(
    client: AsyncWebClient, keyring: TokenProvider, api_url: str, features: Collection[str]
) -> list[web.RouteDef]:
    """Return the routes of installing.

    Args:
        client: calls Slack; it needs no token.
        keyring: keeps the tokens.
        api_url: where Slack's Web API is; its page to install an app is beside it.
        features: what is switched on, and so which scopes are asked for.
    """
    asked = {"client_id": keyring.client_id, "scope": ",".join(scopes(features))}
    handlers = _Handlers(client, keyring, f"{api_url.removesuffix('api/')}oauth/v2/authorize?{urlencode(asked)}")
    # A HEAD, which link previews send, must not begin or end anything.
    return [
        web.get(INSTALL_PATH, handlers.leave, allow_head=False),
        web.get(REDIRECT_PATH, handlers.come_back, allow_head=False),
    ]


class _Handlers:
    """Both ends of the way over Slack."""

    def __init__(self, client: AsyncWebClient, keyring: TokenProvider, address: str) -> None:
        self._client = client
        self._keyring = keyring
        self._address = address

    async def leave(self, _: web.Request) -> web.Response:
        """Send a browser to Slack."""
        # Signed, not stored: whoever only looks at this address writes nothing into the database.
        state = self._keyring.seal.stamp(self._keyring.clock())
        response = _answer("", 302, Location=f"{self._address}&{urlencode({'state': state})}")
        response.set_cookie(
            _COOKIE, state, max_age=STATE_SECONDS, path=REDIRECT_PATH, secure=True, httponly=True, samesite="Lax"
        )
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """Take a browser that comes from Slack, with a code or a no."""
        if "error" in request.query:
            return _page("Nothing was installed", "You, or Slack, said no. That is fine.")
        code = request.query.get("code")
        if not code or not await self._is_good(request.query.get("state", ""), request.cookies.get(_COOKIE, "")):
            return _page(
                "This cannot be used",
                "It took longer than ten minutes, was begun in another browser, or was used before. If you have just "
                "installed the bot, it is there, and nothing needs to be done.",
                400,
            )
        mark_verified(request)
        try:
            name = await self._keyring.install(self._client, code)
        # Slack may refuse or be away, and the database too: whoever waits at the browser gets a page.
        except Exception as error:
            return _failed(error)
        _logger.info("installed in one more workspace")
        return _page(
            "The bot is installed",
            f"It is in {escape(name)} now. Open Slack there and type <code>{COMMAND} I love this</code>.",
            again=False,
        )

    async def _is_good(self, state: str, cookie: str) -> bool:
        """Tell whether a state is one that this browser was given here, not long ago, and comes for the first time."""
        now = int(self._keyring.clock())
        if not hmac.compare_digest(state.encode(errors="replace"), cookie.encode(errors="replace")):
            return False
        if not self._keyring.seal.stamped(state, now, STATE_SECONDS):
            return False
        return await self._keyring.database.run(installations.use_state, state, now, now + STATE_SECONDS)


def _failed(error: Exception) -> web.Response:
    """Say why the bot is not installed."""
    title = "The bot is not installed"
    if isinstance(error, OrganizationWide):
        return _page(title, f"{error} Choose one workspace at the top of Slack's page.", 400)
    log_failure("installing", error, {})
    if isinstance(error, (aiohttp.ClientError, TimeoutError)) or (
        isinstance(error, SlackApiError) and error.response.status_code != 200
    ):
        return _page(title, "Slack is out of reach just now.", 502)
    return _page(title, "Whoever runs the bot finds the reason in its log.", 500)


def _page(title: str, words: str, status: int = 200, *, again: bool = True) -> web.Response:
    """Draw a page; ``words`` are HTML."""
    link = f'<p><a href="{INSTALL_PATH}">Begin again</a></p>' if again else ""
    return _answer(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><h1>{title}</h1><p>{words}</p>'
        f"{link}</html>",
        status,
    )


def _answer(html: str, status: int, **headers: str) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", headers={**_HEADERS, **headers})
