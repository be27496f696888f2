"""When a workspace takes the bot out: all that belongs to it goes."""

import logging
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.client.failures import log_failure
from bot.store import deletion, installations
from bot.store.database import Database

_logger = logging.getLogger(__name__)


def register(app: AsyncApp, database: Database) -> None:
    """Listen to ``app_uninstalled`` and ``tokens_revoked``."""

    @app.event("app_uninstalled")
    async def on_uninstalled(body: dict[str, Any]) -> None:
        await forget(body)

    @app.event("tokens_revoked")
    async def on_revoked(body: dict[str, Any]) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):  # a person's own tokens are none of ours
            await forget(body)

    async def forget(body: dict[str, Any]) -> None:
        team, happened = body.get("team_id"), body.get("event_time")
        if not isinstance(team, str):
            return
        try:
            since = await database.run(installations.installed_at, team)
            # Slack sends events again for minutes, in which the bot may have been installed anew.
            if since is not None and isinstance(happened, int) and happened < since:
                return
            await database.run(deletion.delete_team, team)
        # Slack does not send it again. Whoever runs the bot has to know.
        except Exception as error:
            log_failure("forgetting a workspace that has left", error, {"team": team})
            _logger.error("Do it by hand: sentiment-bot forget --team %s", team)
            return
        _logger.info("workspace %s has left, and all that belonged to it is removed", team)
