"""The tokens of many workspaces, refreshed before they expire."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Self

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import OrganizationInstallError, SlackError
from bot.settings import Settings
from bot.slack.client.executor import Call, CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.store import installations
from bot.store.database import Database
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher

REFRESH_SECONDS = 2 * 60 * 60
"""How long before its expiry a token is refreshed; Slack's tokens are valid for twelve hours."""

_logger = logging.getLogger(__name__)

_REFRESH_LEASE = 60  # seconds in which one process refreshes a token, and no other
_WAIT_SECONDS = 5.0  # for another process that is refreshing an expired token
_POLL_SECONDS = 0.1


class TokenProvider(AsyncAuthorize):
    """The workspaces that have installed the bot; Bolt asks it for the token of each request.

    Bolt's own implementation would call ``auth.test`` for each request, and let several processes refresh a token at
    once, of which all but one would keep a token that Slack has revoked.

    Args:
        web: the SDK's client, without a token.
        executor: executes the calls.
        database: has the installations.
        cipher: encrypts their tokens.
        client_id: identifies the app in OAuth.
        client_secret: the secret that belongs to it.
        clock: returns the Unix time.
    """

    def __init__(
        self,
        web: AsyncWebClient,
        executor: CallExecutor,
        database: Database,
        cipher: TokenCipher,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._web = web
        self.executor = executor
        self.database = database
        self.cipher = cipher
        self.client_id = client_id
        self._client_secret = client_secret
        self.clock = clock

    @classmethod
    def create(cls, settings: Settings, web: AsyncWebClient, executor: CallExecutor, database: Database) -> Self:
        """Create it from the settings; ``web`` has no token."""
        cipher = TokenCipher(settings.secrets_key.get_secret_value())
        return cls(
            web, executor, database, cipher, settings.slack_client_id, settings.slack_client_secret.get_secret_value()
        )

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
        """Return the bot's token in a workspace; None if it is not installed there."""
        installation = await self.find(team_id) if team_id else None
        if installation is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=installation.bot_id,
            bot_user_id=installation.bot_user_id,
            bot_token=installation.tokens.bot_token,
            user_id=user_id,
        )

    async def check(self) -> None:
        """Check that the stored tokens can be decrypted.

        Raises:
            ConfigurationError: a key is missing.
        """
        count = await self.database.run(installations.reencrypt_all, self.cipher)
        _logger.info("installed in %s workspaces", count)

    async def get(self, team: str) -> SlackClient | None:
        """Return the client for a workspace; None if the bot is not installed there."""
        installation = await self.find(team)
        if installation is None:
            return None
        web = copy(self._web)
        web.token = installation.tokens.bot_token
        return SlackClient(web, self.executor, team, installation.bot_user_id)

    async def all(self) -> AsyncIterator[SlackClient]:
        """Yield the client for each workspace."""
        for team in await self.database.run(installations.teams):
            if (slack := await self.get(team)) is not None:
                yield slack

    async def find(self, team: str) -> Installation | None:
        """Return the installation in a workspace, with a valid token; None if there is none."""
        found = await self._read(team)
        if found is None or (remaining := self._remaining(found)) > REFRESH_SECONDS:
            return found
        now = int(self.clock())
        until = now + _REFRESH_LEASE
        if await self.database.run(installations.claim_renewal, team, found.tokens, now, until):
            return await self._refresh(found, until) or (found if remaining > 0 else None)
        # Another process is refreshing it. Usually the old token is still valid for two hours.
        return found if remaining > 0 else await self._wait_for_refresh(found)

    async def install(self, code: str) -> str:
        """Exchange the code of an OAuth redirect for tokens; return the name of the workspace.

        Raises:
            SlackError: Slack refuses the code, or cannot be reached.
            OrganizationInstallError: it is for a whole organization.
        """
        answer = await self._exchange(code=code)
        tokens, team = self._tokens(answer), answer.get("team") or {}
        if answer.get("is_enterprise_install") or not team.get("id"):
            await self._call("apps.uninstall", **self._credentials(), token=tokens.bot_token)
            raise OrganizationInstallError("The bot can be installed in workspaces, not in a whole organization.")
        identity = await self._call("auth.test", token=tokens.bot_token)
        made = Installation(team["id"], identity["bot_id"], identity["user_id"], tokens, int(self.clock()))
        await self.database.run(installations.add, self.cipher, made)
        return str(team.get("name") or "your workspace")

    async def _read(self, team: str) -> Installation | None:
        return await self.database.run(installations.get, self.cipher, team)

    def _remaining(self, installation: Installation) -> float:
        """Return for how many seconds a token is valid."""
        expires_at = installation.tokens.expires_at
        return float("inf") if expires_at is None else expires_at - self.clock()

    async def _refresh(self, old: Installation, until: int) -> Installation | None:
        """Get the next token from Slack; None if that fails."""
        try:
            answer = await self._exchange(grant_type="refresh_token", refresh_token=old.tokens.refresh_token)
        except SlackError:
            return None
        tokens = self._tokens(answer)
        await self.database.run(installations.save_renewed_tokens, self.cipher, old.team, until, tokens)
        return replace(old, tokens=tokens)

    async def _wait_for_refresh(self, old: Installation) -> Installation | None:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                while (now := await self._read(old.team)) is not None and self._remaining(now) <= 0:  # noqa: ASYNC110 - another process sets no event here
                    await asyncio.sleep(_POLL_SECONDS)
                return now
        except TimeoutError:
            return None

    async def _exchange(self, **arguments: str | None) -> Mapping[str, Any]:
        """Exchange a code or a refresh token, which is valid once, so there is one attempt."""
        return await self._call("oauth.v2.access", **self._credentials(), **arguments)

    async def _call(self, method: str, **arguments: str | None) -> Mapping[str, Any]:
        call = Call(method, arguments, attempts=1)
        return (await SlackClient(self._web, self.executor, "").call(call)).data

    def _credentials(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self._client_secret}

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        lifetime: Any = answer.get("expires_in")
        return Tokens(
            bot_token=answer["access_token"],
            refresh_token=answer.get("refresh_token"),
            expires_at=int(self.clock()) + int(lifetime) if lifetime else None,
        )
