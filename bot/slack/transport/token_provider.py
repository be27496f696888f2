"""The tokens of many workspaces, refreshed before they expire."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import OrganizationInstallError, SlackError
from bot.slack.client.executor import Call, CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.transport.workspaces import Workspaces
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


class ClientCredentials(NamedTuple):
    """What identifies the app in OAuth."""

    client_id: str
    client_secret: str


class TokenProvider(Workspaces):
    """The workspaces that have installed the bot over OAuth.

    Bolt's own implementation would call ``auth.test`` for each request, and let several processes refresh a token at
    once, of which all but one would keep a token that Slack has revoked.
    """

    def __init__(
        self,
        web: AsyncWebClient,
        executor: CallExecutor,
        database: Database,
        cipher: TokenCipher,
        client: ClientCredentials,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(web, executor)
        self.database = database
        self.cipher = cipher
        self.client = client
        self.clock = clock

    async def check(self) -> None:
        """Check that the stored tokens can be decrypted; raises ConfigurationError if a key is missing."""
        count = await self.database.run(installations.reencrypt_all, self.cipher)
        _logger.info("installed in %s workspaces", count)

    async def teams(self) -> Sequence[str]:
        """Return the ids of the workspaces."""
        return await self.database.run(installations.teams)

    async def find(self, team: str) -> Installation | None:
        """Return the installation in a workspace, with a valid token; None if there is none."""
        found = await self._read(team)
        if found is None or (remaining := self._remaining(found)) > REFRESH_SECONDS:
            return found
        now = int(self.clock())
        until = now + _REFRESH_LEASE
        if await self.database.run(installations.claim_refresh, team, found.tokens, now, until):
            return await self._refresh(found, until) or (found if remaining > 0 else None)
        # Another process is refreshing it. Usually the old token is still valid for two hours.
        return found if remaining > 0 else await self._wait_for_refresh(found)

    async def install(self, code: str, slack: SlackClient) -> str:
        """Exchange the code of an OAuth redirect for tokens, with ``slack``; return the name of the workspace.

        Raises SlackError if Slack refuses the code, and OrganizationInstallError if it is for a whole organization.
        """
        answer = await self._exchange(slack, code=code)
        tokens, team = self._tokens(answer), answer.get("team") or {}
        if answer.get("is_enterprise_install") or not team.get("id"):
            await _call(slack, "apps.uninstall", **self.client._asdict(), token=tokens.bot_token)
            raise OrganizationInstallError("The bot can be installed in workspaces, not in a whole organization.")
        identity = await _call(slack, "auth.test", token=tokens.bot_token)
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
            slack = SlackClient(self._web, self.executor, "")
            answer = await self._exchange(slack, grant_type="refresh_token", refresh_token=old.tokens.refresh_token)
        except SlackError:
            return None
        tokens = self._tokens(answer)
        await self.database.run(installations.save_refreshed_tokens, self.cipher, old.team, until, tokens)
        return replace(old, tokens=tokens)

    async def _wait_for_refresh(self, old: Installation) -> Installation | None:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                while (now := await self._read(old.team)) is not None and self._remaining(now) <= 0:  # noqa: ASYNC110 - another process sets no event here
                    await asyncio.sleep(_POLL_SECONDS)
                return now
        except TimeoutError:
            return None

    async def _exchange(self, slack: SlackClient, **arguments: str | None) -> Mapping[str, Any]:
        """Exchange a code or a refresh token, which is valid once, so there is one attempt."""
        return await _call(slack, "oauth.v2.access", **self.client._asdict(), **arguments)

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        lifetime: Any = answer.get("expires_in")
        return Tokens(
            bot_token=answer["access_token"],
            refresh_token=answer.get("refresh_token"),
            expires_at=int(self.clock()) + int(lifetime) if lifetime else None,
        )


async def _call(slack: SlackClient, method: str, **arguments: str | None) -> Mapping[str, Any]:
    return (await slack.call(Call(method, arguments, attempts=1))).data
