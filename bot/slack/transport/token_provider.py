"""The tokens of many workspaces and organizations, refreshed before they expire."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import InstallationError, SlackError
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
_LIST_AGAIN_SECONDS = 60.0  # for the workspaces of an organization
_START_SECONDS = 10.0  # for the same when the bot starts


class ClientCredentials(NamedTuple):
    """What identifies the app in OAuth."""

    client_id: str
    client_secret: str


class InstallationOwner(NamedTuple):
    """Where the bot was installed: in a workspace or for an organization, and its name, which may be empty."""

    name: str
    is_organization: bool


class TokenProvider(Workspaces):
    """The workspaces that have installed the bot over OAuth, and those that an organization grants.

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
        # Both by organization.
        self._list_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._listed_at: dict[str, float] = {}

    async def check(self) -> None:
        """Check that the stored tokens can be decrypted; raises ConfigurationError if a key is missing.

        Organizations may have granted or revoked workspaces meanwhile. If Slack does not say, it is asked again later.
        """
        await self.database.run(installations.reencrypt_all, self.cipher)
        organizations = await self.database.run(installations.organizations)
        await asyncio.gather(*map(self._try_update_granted, organizations))
        _logger.info("installed in %s workspaces", len(await self.teams()))

    async def _try_update_granted(self, organization: str) -> None:
        with suppress(SlackError, TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                await self.update_granted(organization)

    async def teams(self) -> Sequence[str]:
        """Return the ids of the workspaces."""
        return await self.database.run(installations.teams)

    async def find(self, team: str) -> Installation | None:
        """Return the installation in a workspace, with a valid token; None if there is none.

        An organization's installation is returned with the id of the workspace.
        """
        found = await self._with_valid_token(await self.database.run(installations.find, self.cipher, team))
        return None if found is None else replace(found, team=team)

    async def find_own(self, team: str) -> Installation | None:
        """Return the installation of a workspace or an organization itself; None if there is none."""
        return await self._with_valid_token(await self._read(team))

    async def update_granted(self, organization: str, *, at_once: bool = False) -> bool:
        """Ask Slack which workspaces an organization grants, at most once a minute unless ``at_once``.

        Returns False if the organization has not installed the bot; raises SlackError if Slack does not answer.
        """
        found = await self.find_own(organization)
        if found is None or not found.is_organization:
            return False
        async with self._list_locks[organization]:  # others wait for the answer
            if at_once or self.clock() - self._listed_at.get(organization, 0.0) >= _LIST_AGAIN_SECONDS:
                self._listed_at[organization] = self.clock()
                await self._set_granted(found)
        return True

    async def list_granted(self, organization: str) -> list[str]:
        """Return the workspaces that an organization grants, as Slack lists them now.

        Raises BotError if there is no valid token of the organization, or Slack does not answer.
        """
        found = await self.find_own(organization)
        return await self._list(found) if found else await super().list_granted(organization)

    async def _list(self, organization: Installation) -> list[str]:
        pages = self.client_of(organization).pages("auth.teams.list")
        return [str(team["id"]) async for page in pages for team in page.data["teams"]]

    async def _set_granted(self, organization: Installation) -> None:
        granted = await self._list(organization)
        revoked = await self.database.run(installations.set_granted, organization.team, granted)
        for team in revoked:
            _logger.warning("%s is not granted any more. Delete its data: sentiment-bot forget --team %s", team, team)

    async def install(self, code: str, slack: SlackClient) -> InstallationOwner:
        """Exchange the code of an OAuth redirect for tokens, with ``slack``; return where the bot is installed.

        Raises SlackError if Slack refuses the code, and InstallationError if it does not say where that is.
        """
        answer = await self._exchange(slack, code=code)
        tokens, is_organization = self._tokens(answer), answer.get("is_enterprise_install") is True
        owner = answer.get("enterprise" if is_organization else "team") or {}
        if not owner.get("id"):
            await _call(slack, "apps.uninstall", **self.client._asdict(), token=tokens.bot_token)
            raise InstallationError("Slack names neither a workspace nor an organization.")
        identity = await _call(slack, "auth.test", token=tokens.bot_token)
        installation = Installation(
            owner["id"],
            identity.get("bot_id") or "",
            identity["user_id"],
            tokens,
            int(self.clock()),
            frozenset(str(answer["scope"]).split(",")) if answer.get("scope") else None,
            is_organization,
        )
        await self.database.run(installations.add, self.cipher, installation)
        if is_organization:
            with suppress(SlackError):  # it is asked again with the first request
                await self.update_granted(installation.team, at_once=True)
        return InstallationOwner(str(owner.get("name") or ""), is_organization)

    async def _with_valid_token(self, found: Installation | None) -> Installation | None:
        """Return an installation with a token that is valid, and refreshed if that is due; None if that fails."""
        if found is None or (remaining := self._remaining(found)) > REFRESH_SECONDS:
            return found
        now = int(self.clock())
        until = now + _REFRESH_LEASE
        if await self.database.run(installations.claim_refresh, found.team, found.tokens, now, until):
            return await self._refresh(found, until) or (found if remaining > 0 else None)
        # Another process is refreshing it. Usually the old token is still valid for two hours.
        return found if remaining > 0 else await self._wait_for_refresh(found)

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
