"""The Bolt app, the workspaces that it serves, and the SDK's client that it uses."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientTimeout, TCPConnector
from aiohttp.typedefs import JSONDecoder
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.settings import Settings
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.parsing.events import possible_organizations, possible_teams
from bot.slack.timing import Timing
from bot.slack.transport.token_provider import ClientCredentials, TokenProvider
from bot.slack.transport.workspaces import SingleWorkspace, Workspaces
from bot.store.database import Database
from bot.store.installations import Installation
from bot.store.token_cipher import TokenCipher

NOT_INSTALLED = (
    "I'm not installed in this workspace. Try again in a minute, or ask an administrator to install me again."
)

_Next = Callable[[], Awaitable[None]]

_LARGE_BYTES = 1024 * 1024

# At lower levels the SDK's loggers write whole payloads, and so people's messages.
_sdk_logger = logging.getLogger("slack_sdk")
_sdk_logger.setLevel(logging.WARNING)


class _Response(ClientResponse):
    """A response whose JSON is parsed in a thread if it is large, as a page of long messages is."""

    async def json(
        self,
        *,
        encoding: str | None = None,
        loads: JSONDecoder = json.loads,
        content_type: str | None = "application/json",
    ) -> Any:  # noqa: ANN401 - as in aiohttp
        """Return the body, parsed."""
        if len(await self.read()) < _LARGE_BYTES:
            return await super().json(encoding=encoding, loads=loads, content_type=content_type)
        text = await super().json(encoding=encoding, loads=lambda text: text, content_type=content_type)
        return await asyncio.to_thread(loads, text)


@asynccontextmanager
async def open_web_client(api_url: str, timing: Timing) -> AsyncIterator[AsyncWebClient]:
    """Yield the SDK's client without a token, which keeps its connections open between calls."""
    # With a logger that has no level of its own, the client would format every answer for the log.
    web = AsyncWebClient(base_url=api_url, retry_handlers=[], logger=_sdk_logger)
    # Idle connections are closed well before Slack would close them, since a post is not repeated.
    async with ClientSession(
        connector=TCPConnector(keepalive_timeout=10),
        timeout=ClientTimeout(total=timing.request),
        trust_env=web.trust_env_in_session,
        response_class=_Response,
    ) as session:
        web.session = session
        yield web


def create_workspaces(
    settings: Settings, database: Database, web: AsyncWebClient, executor: CallExecutor
) -> Workspaces:
    """Return the workspaces that the settings mean: one, or all that have installed the bot."""
    if not settings.many_workspaces:
        return SingleWorkspace(web, executor, settings.slack_bot_token.get_secret_value())
    client = ClientCredentials(settings.slack_client_id, settings.slack_client_secret.get_secret_value())
    cipher = TokenCipher(settings.secrets_key.get_secret_value())
    return TokenProvider(web, executor, database, cipher, client)


class _SilentApp(AsyncApp):
    """Acknowledges everything, and answers nothing."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        async def respond(*_: object, **__: object) -> None:
            """Do nothing, in place of Bolt's own function."""

        req.context["respond"] = respond
        response = await super().async_dispatch(req)
        verifies_url = req.body.get("type") == "url_verification"
        return response if verifies_url else BoltResponse(status=response.status)


def create_bolt_app(web: AsyncWebClient, workspaces: Workspaces, *, silent: bool = False) -> AsyncApp:
    """Return a Bolt app whose listeners get a :class:`SlackClient` as ``slack``; ``web`` has no token."""

    async def keep_body(body: dict[str, Any], context: AsyncBoltContext, next: _Next) -> None:  # noqa: A002 - Bolt's name
        context["request_body"] = body
        await next()

    async def authorize(
        enterprise_id: str | None, user_id: str | None, request_body: Mapping[str, Any]
    ) -> AuthorizeResult | None:
        found = await _find_installation(workspaces, request_body)
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=found.team,
            user_id=user_id,
            bot_id=found.bot_id,
            bot_user_id=found.bot_user_id,
            bot_token=found.tokens.bot_token,
            bot_scopes=None if found.scopes is None else sorted(found.scopes),
        )

    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        os.environ.pop(name, None)  # Bolt reads them too, and would ignore ``authorize``
    app = (_SilentApp if silent else AsyncApp)(
        name=__name__,  # otherwise Bolt inspects all frames of the stack for one, which takes a tenth of a second
        client=web,
        before_authorize=keep_body,
        authorize=authorize,  # type: ignore[arg-type] # it may return None, but Bolt does not say so
        user_facing_authorize_error_message=NOT_INSTALLED,
        logger=_sdk_logger,
        request_verification_enabled=False,  # bot.slack.transport.http does it
        raise_error_for_unhandled_request=True,  # the error handler acknowledges it
    )

    @app.middleware
    async def add_slack_client(client: AsyncWebClient, context: AsyncBoltContext, next: _Next) -> None:  # noqa: A002
        installed = context.authorize_result
        team, scopes = ((installed.team_id or ""), installed.bot_scopes) if installed else ("", None)
        # Bolt adds the `team_id` that it derives from the payload, which differs in shared channels.
        client.default_params = {"team_id": team} if team else {}
        context["slack"] = SlackClient(client, workspaces.executor, team, context.bot_user_id or "", scopes)
        await next()

    return app


async def _find_installation(workspaces: Workspaces, body: Mapping[str, Any]) -> Installation | None:
    """Return the installation that a payload is for; None if there is none.

    An organization may have granted a workspace that the bot does not know yet.
    """
    teams = possible_teams(body)
    is_grant = (body.get("event") or {}).get("type") == "team_access_granted"
    if not is_grant and (found := await _find_first(workspaces, teams)) is not None:
        return found
    for organization in possible_organizations(body):
        asked = await workspaces.update_granted(organization, at_once=is_grant)
        if asked and (found := await _find_first(workspaces, teams)) is not None:
            return found
    return None


async def _find_first(workspaces: Workspaces, teams: Sequence[str]) -> Installation | None:
    """Return the installation in the first of ``teams`` that has one; None if none has."""
    for team in teams or [""]:
        if (found := await workspaces.find(team)) is not None:
            return found
        if team in await workspaces.teams():
            raise BotError("Slack does not renew the token of this workspace at the moment.")
    return None
