"""users.*, bots.info and team.info."""

from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Workspace
from tests.slack_emulator.web_api.conftest import error_of


async def test_users(workspace: Workspace, client: AsyncWebClient, ana: str) -> None:
    """Users have names and time zones, and the bot is marked as a bot."""
    user = (await client.users_info(user=ana))["user"]
    assert (user["real_name"], user["tz"]) == ("Ana Ruiz", "Europe/Madrid")
    assert [one["is_bot"] for one in (await client.users_list())["members"]] == [False, False, False, True]
    assert await error_of(client.users_info(user="U0")) == "user_not_found"
    assert (await client.bots_info(bot=workspace.bot_id))["bot"]["user_id"] == workspace.bot_user_id
    assert (await client.team_info())["team"]["name"] == "Acme"
