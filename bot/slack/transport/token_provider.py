"""Many workspaces: which token lets the bot into which, and a new one before it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from copy import copy
from dataclasses import replace
from typing import Any

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import BotError
from bot.slack.client.failures import log_failure
from bot.store import installations
from bot.store.database import Database
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher

RENEW_SECONDS = 2 * 60 * 60
"""How long before its end a token is renewed; Slack makes them for twelve hours."""

_TRY_SECONDS = 60  # one process tries to renew a token for so long, and then another may
_WAIT_SECONDS = 5.0  # for another process that renews a token which has ended
_LOOK_SECONDS = 0.1

NOT_INSTALLED = (
    "I have no way into this workspace. Try again in a minute; if that does not help, somebody has to install me again."
)
"""What people are told where the bot has no token."""


class OrganizationWide(BotError):  # noqa: N818 - what it was, and no mistake of the program
    """The bot was to be installed in a whole organization, where it keeps things by workspace."""


class TokenProvider(AsyncAuthorize):
    """Bolt asks it for the token of each request.

    Bolt's own way would ask Slack whose token it is at each request, and renew tokens in several processes at once, of
    which all but one would hold a token that Slack has replaced.

    Args:
        database: where installations are kept.
        seal: what their tokens are sealed with there.
        client_id: the app's id as Slack's OAuth has it.
        client_secret: and what proves that it is this app.
        clock: gives the seconds since 1970.
    """

    def __init__(
        self,
        database: Database,
        seal: TokenCipher,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.database = database
        self.seal = seal
        self.client_id = client_id
        self._client_secret = client_secret
        self.clock = clock

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
    ) -> AuthorizeResult | None:
        """Return the bot's token in a workspace; None where it is not installed."""
        if team_id is None or context.client is None:
            return None
        found = await self.find(context.client, team_id)
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=found.bot_id,
            bot_user_id=found.bot_user_id,
            bot_token=found.tokens.bot_token,
            user_id=user_id,
        )

    async def find(self, client: AsyncWebClient, team: str) -> Installation | None:
        """Return how the bot is installed in a workspace, with a token that is good; None where there is none.

        ``client`` needs no token.
        """
        found = await self._get(team)
        if found is None or (left := self._left(found)) > RENEW_SECONDS:
            return found
        now = int(self.clock())
        until = now + _TRY_SECONDS
        if await self.database.run(installations.claim_renewal, team, found.tokens, now, until):
            return await self._renew(client, found, until) or (found if left > 0 else None)
        # Another is at it. Most often the token is still good for two hours; else a moment's patience.
        return found if left > 0 else await self._renewed_by_another(found)

    async def everywhere(self, client: AsyncWebClient) -> AsyncIterator[tuple[AsyncWebClient, str, str]]:
        """Yield for each workspace a client like ``client`` with the token there, the workspace, and the bot's user id.

        For what the bot does by itself; requests of Slack's come with a client of their own.
        """
        for team in await self.database.run(installations.teams):
            if (found := await self.find(client, team)) is not None:
                yield _with_token(client, found), team, found.bot_user_id

    async def client(self, client: AsyncWebClient, team: str) -> AsyncWebClient | None:
        """Return a client like ``client`` with the token of a workspace; None where the bot is not installed."""
        found = await self.find(client, team)
        return None if found is None else _with_token(client, found)

    async def install(self, client: AsyncWebClient, code: str) -> str:
        """Take the code with which somebody came back from Slack; return the name of the workspace.

        Raises:
            SlackApiError: Slack refuses the code.
            aiohttp.ClientError, TimeoutError: Slack cannot be reached.
            OrganizationWide: it is not one workspace.
        """
        answer = await client.oauth_v2_access(client_id=self.client_id, client_secret=self._client_secret, code=code)
        tokens, team = self._tokens(answer), answer.get("team") or {}
        if answer.get("is_enterprise_install") or not team.get("id"):
            await client.apps_uninstall(
                client_id=self.client_id, client_secret=self._client_secret, token=tokens.bot_token
            )
            raise OrganizationWide("The bot is installed in single workspaces, not in a whole organization.")
        own = await client.auth_test(token=tokens.bot_token)
        made = Installation(team["id"], own["bot_id"], own["user_id"], tokens, int(self.clock()))
        await self.database.run(installations.add, self.seal, made)
        return str(team.get("name") or "your workspace")

    async def _get(self, team: str) -> Installation | None:
        return await self.database.run(installations.get, self.seal, team)

    def _left(self, installation: Installation) -> float:
        """Return for how many seconds a token is good."""
        ends = installation.tokens.expires_at
        return float("inf") if ends is None else ends - self.clock()

    async def _renew(self, client: AsyncWebClient, old: Installation, until: int) -> Installation | None:
        """Get the next token from Slack; None if that fails, and why is in the log."""
        try:
            answer = await client.oauth_v2_access(
                client_id=self.client_id,
                client_secret=self._client_secret,
                grant_type="refresh_token",
                refresh_token=old.tokens.refresh_token,
            )
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log_failure("renewing a token", error, {"team": old.team})
            return None
        tokens = self._tokens(answer)
        await self.database.run(installations.save_renewed_tokens, self.seal, old.team, until, tokens)
        return replace(old, tokens=tokens)

    async def _renewed_by_another(self, old: Installation) -> Installation | None:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                while (now := await self._get(old.team)) is not None and self._left(now) <= 0:  # noqa: ASYNC110 - another process's doing rings no bell here
                    await asyncio.sleep(_LOOK_SECONDS)
                return now
        except TimeoutError:
            return None

    def _tokens(self, answer: AsyncSlackResponse) -> Tokens:
        lasts: Any = answer.get("expires_in")
        return Tokens(
            bot_token=answer["access_token"],
            refresh_token=answer.get("refresh_token"),
            expires_at=int(self.clock()) + int(lasts) if lasts else None,
        )


def _with_token(client: AsyncWebClient, installation: Installation) -> AsyncWebClient:
    own = copy(client)
    own.token = installation.tokens.bot_token
    return own
