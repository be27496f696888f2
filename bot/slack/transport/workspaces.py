"""The workspace that a bot token belongs to, and checks of tokens."""

from collections.abc import AsyncIterator
from copy import copy
from typing import Self

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError, ConfigurationError, SlackCallError, SlackError
from bot.settings import Settings
from bot.slack.client.executor import Call, CallExecutor, Response
from bot.slack.client.slack_client import SlackClient
from bot.store.database import Database


class SingleWorkspace(AsyncAuthorize):
    """The one workspace of ``SLACK_BOT_TOKEN``; Bolt asks it for the token of each request.

    Args:
        web: the SDK's client, with the token.
        executor: executes the calls.
    """

    def __init__(self, web: AsyncWebClient, executor: CallExecutor) -> None:
        self._web = web
        self.executor = executor
        self._identity: Response | None = None

    @classmethod
    def create(cls, settings: Settings, web: AsyncWebClient, executor: CallExecutor, _: Database) -> Self:
        """Create it from the settings; ``web`` has no token."""
        own = copy(web)
        own.token = settings.slack_bot_token.get_secret_value()
        return cls(own, executor)

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult:
        """Return the bot's token and identity."""
        identity = (await self._identify()).data
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=identity.get("bot_id"),
            bot_user_id=identity.get("user_id"),
            bot_token=self._web.token,
            user_id=user_id,
        )

    async def get(self, team: str) -> SlackClient:
        """Return the client; there is one workspace, whatever ``team`` is."""
        identity = (await self._identify()).data
        return SlackClient(self._web, self.executor, identity["team_id"], identity["user_id"])

    async def all(self) -> AsyncIterator[SlackClient]:
        """Yield the client."""
        yield await self.get("")

    async def check(self) -> None:
        """Check the token before the bot starts; raises what :func:`granted_scopes` raises."""
        try:
            await self._identify()
        except SlackError as error:
            raise _bot_token_error(self._web.base_url, error) from error

    async def _identify(self) -> Response:
        if self._identity is None:
            self._identity = await SlackClient(self._web, self.executor, "").read("auth.test")
        return self._identity


async def granted_scopes(slack: SlackClient) -> set[str]:
    """Return the scopes of the client's bot token.

    Raises:
        ConfigurationError: Slack refuses the token.
        BotError: Slack cannot be reached.
    """
    try:
        response = await slack.read("auth.test")
    except SlackError as error:
        raise _bot_token_error(slack.base_url, error) from error
    return {scope.strip() for scope in response.headers.get("x-oauth-scopes", "").split(",") if scope.strip()}


async def check_app_token(slack: SlackClient, app_token: str) -> None:
    """Request a Socket Mode address with ``app_token``.

    Raises:
        ConfigurationError: Slack refuses the token.
        BotError: Slack cannot be reached.
    """
    try:
        call = Call("apps.connections.open", {"app_token": app_token}, idempotent=True)
        await slack.call(call)
    except SlackError as error:
        raise _check_failed(slack.base_url, "SLACK_APP_TOKEN", "Basic Information, App-Level Tokens", error) from error


def _bot_token_error(url: str, error: SlackError) -> BotError:
    return _check_failed(url, "SLACK_BOT_TOKEN", "OAuth & Permissions", error)


def _check_failed(url: str, name: str, page: str, error: SlackError) -> BotError:
    if isinstance(error, SlackCallError) and not error.code.startswith("HTTP "):
        return ConfigurationError(
            f"Slack refuses {name} ({error.code}). Copy it again from your app's page at api.slack.com/apps, {page}."
        )
    return BotError(f"Slack cannot be reached at {url} ({error.code}). Check this machine's network.")
