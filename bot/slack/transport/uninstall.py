"""Workspaces that organizations grant and revoke, and deletion of all data where the bot is uninstalled."""

import logging
from collections.abc import Awaitable
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.log import log_failure
from bot.slack.parsing.events import event_teams, is_organization_wide, possible_organizations
from bot.slack.transport.workspaces import Workspaces
from bot.store import deletion, installations
from bot.store.database import Database

_logger = logging.getLogger(__name__)


def register(app: AsyncApp, database: Database, workspaces: Workspaces) -> None:
    """Listen to ``app_uninstalled`` and ``tokens_revoked``."""

    async def is_installed_again(team: str, event_time: object) -> bool:
        """Return whether the event is older than the installation: Slack sends events again for minutes."""
        installed_at = await database.run(installations.installed_at, team)
        if installed_at is None or not isinstance(event_time, int) or event_time > installed_at:
            return False
        # Both are whole seconds, so that only Slack knows which of two in the same second came first.
        return event_time < installed_at or await workspaces.has_valid_token(team)

    async def delete(owner: str, event_time: object, *, is_organization: bool) -> None:
        if await is_installed_again(owner, event_time):
            return
        if is_organization or owner in await database.run(installations.organizations):
            await database.run(deletion.delete_organization, owner)
            _logger.info("organization %s uninstalled the bot; the data of its workspaces is deleted", owner)
        else:
            await database.run(deletion.delete_team, owner)
            _logger.info("workspace %s uninstalled the bot, and its data is deleted", owner)

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    async def on_uninstalled(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return  # tokens of users, of which the bot has none
        is_organization = is_organization_wide(body)
        owner = next(iter(possible_organizations(body)), None) if is_organization else body.get("team_id")
        if not owner:
            _logger.warning("Ignored %s, which names no workspace and no organization", event["type"])
            return
        await _or_log(owner, delete(owner, body.get("event_time"), is_organization=is_organization))


def register_grants(app: AsyncApp, database: Database, workspaces: Workspaces) -> None:
    """Listen to ``team_access_granted`` and ``team_access_revoked``, which only organizations send."""

    @app.event("team_access_granted")
    async def on_granted(body: dict[str, Any]) -> None:
        # Slack has been asked for the workspaces already, to find the installation that the event is for.
        _logger.info("workspaces %s were granted by their organization", ", ".join(event_teams(body)))

    async def delete(team: str, organization: str) -> None:
        # Slack sends events again for minutes, and the workspace may have been granted again meanwhile.
        if team in await workspaces.list_granted(organization):
            return
        await database.run(deletion.delete_revoked, team, organization)
        _logger.info("workspace %s was revoked by its organization, and its data is deleted", team)

    @app.event("team_access_revoked")
    async def on_revoked(body: dict[str, Any]) -> None:
        teams, organizations = event_teams(body), possible_organizations(body)
        if not teams or not organizations:
            _logger.warning("Ignored team_access_revoked, which names no workspace or no organization")
            return
        for team in teams:
            await _or_log(team, delete(team, organizations[0]))


async def _or_log(owner: str, job: Awaitable[None]) -> None:
    """Await a deletion; if it fails the operator has to know, since Slack does not send the event again."""
    try:
        await job
    except Exception as error:
        log_failure("deleting the data of a workspace or an organization", error, {"team": owner})
        _logger.error("Delete it by hand: sentiment-bot forget --team %s", owner)
