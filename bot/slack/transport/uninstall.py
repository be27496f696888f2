"""Deletion of all data of a workspace that uninstalls the bot."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.log import log_failure
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

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    async def on_uninstalled(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return  # tokens of users, of which the bot has none
        team, event_time = body.get("team_id"), body.get("event_time")
        if not isinstance(team, str):
            return
        try:
            if await is_installed_again(team, event_time):
                return
            await database.run(deletion.delete_team, team)
        except Exception as error:  # Slack does not send it again, so the operator has to know
            log_failure("deleting a workspace that uninstalled the bot", error, {"team": team})
            _logger.error("Delete it by hand: sentiment-bot forget --team %s", team)
            return
        _logger.info("workspace %s uninstalled the bot, and its data is deleted", team)
