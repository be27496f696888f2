"""A workspace and a database that outlive the bots, for tests of what happens between two runs."""

from pathlib import Path

import sqlalchemy as sql

from bot.settings import FEATURES, Settings
from bot.store.database import open_database
from bot.store.schema import processes
from slack_emulator import Message, Workspace
from tests.support.bot_in_emulator import FAST_REDELIVERY, bot_settings
from tests.support.manifests import manifest


class SharedWorkspace:
    """A workspace and a database that outlive the bots."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(manifest(features=FEATURES), schedule=FAST_REDELIVERY)
        self.database_url = f"sqlite:///{folder}/bot.db"

    def settings(self, api_url: str) -> Settings:
        """Return the settings of a bot in this workspace."""
        return bot_settings(self.workspace, api_url, self.database_url)


def bot_messages(workspace: Workspace, channel: str) -> list[Message]:
    """Return the bot's messages in a channel, whoever sees them."""
    bot = workspace.bot_user_id
    return [m for m in workspace.state.channels[channel].messages.values() if m.user == bot]


def expire_leases(shared: SharedWorkspace, **changes: float) -> None:
    """Make all processes count as dead, with other ``changes`` to what they recorded."""
    with open_database(shared.database_url) as database:
        database.run_sync(lambda connection: connection.execute(sql.update(processes).values(until=0.0, **changes)))
