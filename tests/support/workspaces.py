"""Workspaces without Slack, for tests of the supervisor."""

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from tests.support.bot_in_emulator import FAST_TIMING


class FakeWorkspaces:
    """Workspaces with the given ids; those in ``without_token`` have no valid token at the moment."""

    def __init__(self, *teams: str) -> None:
        self.installed = list(teams)
        self.without_token: set[str] = set()

    async def teams(self) -> Sequence[str]:
        """Return the ids."""
        return self.installed

    async def get(self, team: str) -> SlackClient | None:
        """Return a client that cannot reach Slack."""
        if team not in self.installed or team in self.without_token:
            return None
        return SlackClient(AsyncWebClient("xoxb-1"), CallExecutor(FAST_TIMING), team)
