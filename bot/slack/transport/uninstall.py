"""Deletion of all data of a workspace that uninstalls the bot."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.log import log_failure
from bot.store import deletion, installations
from bot.store.database import Database

_logger = logging.getLogger(__name__)


def register(app: AsyncApp, database: Database) -> None:
    """Listen to ``app_uninstalled`` and ``tokens_revoked``."""

    @app.event("app_uninstalled")
    async def on_uninstalled(body: dict[str, Any]) -> None:
        await delete(body)

    @app.event("tokens_revoked")
    async def on_revoked(body: dict[str, Any]) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):  # the bot has no tokens of users
            await delete(body)

    async def delete(body: dict[str, Any]) -> None:
        team, event_time = body.get("team_id"), body.get("event_time")
        if not isinstance(team, str):
            return
        try:
            installed_at = await database.run(installations.installed_at, team)
            # Slack sends events again for minutes, in which the bot may have been installed again.
            if installed_at is not None and isinstance(event_time, int) and event_time < installed_at:
                return
            await database.run(deletion.delete_team, team)
        except Exception as error:  # Slack does not send it again, so the operator has to know
            log_failure("deleting a workspace that uninstalled the bot", error, {"team": team})
            _logger.error("Delete it by hand: sentiment-bot forget --team %s", team)
            return
        _logger.info("workspace %s uninstalled the bot, and its data is deleted", team)
