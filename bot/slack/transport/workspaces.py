"""The workspaces that the bot is installed in, and checks of tokens."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from copy import copy

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError, ConfigurationError, SlackCallError, SlackError
from bot.slack.client.executor import Call, CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.store.installations import Installation, Tokens

# The setting of a token, and the page of the app on which it is.
_BOT_TOKEN = "SLACK_BOT_TOKEN", "OAuth & Permissions"
_APP_TOKEN = "SLACK_APP_TOKEN", "Basic Information, App-Level Tokens"
_ORGANIZATION = (
    "SLACK_BOT_TOKEN is for a whole organization. Install the app in one workspace, or over OAuth as "
    "docs/many-workspaces.md says."
)


class Workspaces(ABC):
    """The workspaces that the bot is installed in; ``web`` is the SDK's client, without a token."""

    def __init__(self, web: AsyncWebClient, executor: CallExecutor) -> None:
        self._web = web
        self.executor = executor

    @abstractmethod
    async def find(self, team: str) -> Installation | None:
        """Return the installation in a workspace, with a valid token; None if there is none."""

    @abstractmethod
    async def teams(self) -> Sequence[str]:
        """Return the ids of the workspaces."""

    @abstractmethod
    async def check(self) -> None:
        """Check the tokens before the bot starts; raises BotError if they cannot be used."""

    async def find_own(self, team: str) -> Installation | None:
        """Return the installation of a workspace or an organization itself; None if there is none."""
        return await self.find(team)

    async def update_granted(self, organization: str, *, at_once: bool = False) -> bool:
        """Ask Slack which workspaces an organization grants, at most once a minute unless ``at_once``.

        Returns False if the organization has not installed the bot; raises SlackError if Slack does not answer.
        """
        return False

    async def list_granted(self, organization: str) -> list[str]:
        """Return the workspaces that an organization grants, as Slack lists them now.

        Raises BotError if there is no valid token of the organization, or Slack does not answer.
        """
        raise BotError(f"There is no valid token of the organization {organization}.")

    async def get(self, team: str) -> SlackClient | None:
        """Return the client for a workspace, which every call names; None if the bot is not installed there."""
        found = await self.find(team)
        if found is None:
            return None
        slack = self.client_of(found)
        slack.web.default_params = {"team_id": found.team}
        return slack

    def client_of(self, found: Installation) -> SlackClient:
        """Return the client of an installation."""
        web = self.web_with(found.tokens.bot_token)
        return SlackClient(web, self.executor, found.team, found.bot_user_id, found.scopes)

    async def all(self) -> AsyncIterator[SlackClient]:
        """Yield the client for each workspace."""
        for team in await self.teams():
            if (slack := await self.get(team)) is not None:
                yield slack

    async def has_valid_token(self, team: str) -> bool:
        """Return whether Slack accepts the token of a workspace or an organization.

        Raises DeliveryError if Slack could not be reached.
        """
        found = await self.find_own(team)
        try:
            return found is not None and bool(await self.client_of(found).read("auth.test"))
        except SlackCallError:
            return False

    def web_with(self, token: str | None) -> AsyncWebClient:
        """Return the SDK's client with a token."""
        web = copy(self._web)
        web.token = token
        return web


class SingleWorkspace(Workspaces):
    """The one workspace of ``SLACK_BOT_TOKEN``."""

    def __init__(self, web: AsyncWebClient, executor: CallExecutor, token: str) -> None:
        super().__init__(web, executor)
        self._token = token
        self._installation: Installation | None = None

    async def find(self, team: str) -> Installation:
        """Return the only installation."""
        if self._installation is None:
            me = (await SlackClient(self.web_with(self._token), self.executor, "").read("auth.test")).data
            tokens = Tokens(self._token)
            self._installation = Installation(
                me["team_id"],
                me.get("bot_id") or "",
                me["user_id"],
                tokens,
                installed_at=0,
                is_organization=me.get("is_enterprise_install") is True,
            )
        return self._installation

    async def teams(self) -> Sequence[str]:
        """Return the id of the workspace."""
        return [(await self.find("")).team]

    async def check(self) -> None:
        """Check the token; raises BotError if Slack refuses it or cannot be reached, or it is of an organization."""
        try:
            found = await self.find("")
        except SlackError as error:
            raise _token_error(self._web.base_url, _BOT_TOKEN, error) from error
        if found.is_organization:
            raise ConfigurationError(_ORGANIZATION)


async def granted_scopes(slack: SlackClient) -> set[str] | None:
    """Return the scopes of the client's bot token, None if Slack does not send them.

    Raises BotError if Slack refuses the token or cannot be reached, or the token is for an organization.
    """
    try:
        response = await slack.read("auth.test")
    except SlackError as error:
        raise _token_error(slack.web.base_url, _BOT_TOKEN, error) from error
    if response.data.get("is_enterprise_install") is True:
        raise ConfigurationError(_ORGANIZATION)
    sent = response.headers.get("x-oauth-scopes")
    return None if sent is None else {scope.strip() for scope in sent.split(",") if scope.strip()}


async def check_app_token(slack: SlackClient, app_token: str) -> None:
    """Request a Socket Mode address with ``app_token``; raises what :func:`granted_scopes` raises."""
    try:
        await slack.call(Call("apps.connections.open", {"app_token": app_token}, idempotent=True))
    except SlackError as error:
        raise _token_error(slack.web.base_url, _APP_TOKEN, error) from error


def _token_error(url: str, token: tuple[str, str], error: SlackError) -> BotError:
    name, page = token
    if error.code in ("HTTP 404", "unknown_method"):
        return ConfigurationError(f"No such method at {url} ({error.code}). Check SLACK_API_URL, which ends in /api/.")
    if isinstance(error, SlackCallError) and error.is_answer:
        return ConfigurationError(
            f"Slack refuses {name} ({error.code}). Copy it again from your app's page at api.slack.com/apps, {page}."
        )
    return BotError(f"Slack cannot be reached at {url} ({error.code}). Check this machine's network.")
