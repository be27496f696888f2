"""Whether Slack takes the tokens."""

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError, ConfigurationError
from bot.slack.client.failures import error_code


async def granted_scopes(client: AsyncWebClient) -> set[str]:
    """Return the scopes of the client's bot token.

    Raises:
        ConfigurationError: Slack refuses the token.
        BotError: Slack cannot be reached.
    """
    try:
        response = await client.auth_test()
    except SlackApiError as error:
        raise _refused(client, "SLACK_BOT_TOKEN", "OAuth & Permissions", error) from error
    except (TimeoutError, aiohttp.ClientError) as error:
        raise _out_of_reach(client, str(error) or type(error).__name__) from error
    return {scope.strip() for scope in response.headers.get("x-oauth-scopes", "").split(",") if scope.strip()}


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Ask Slack for a Socket Mode address with ``app_token``.

    Raises:
        ConfigurationError: Slack refuses the token.
        BotError: Slack cannot be reached.
    """
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        raise _refused(client, "SLACK_APP_TOKEN", "Basic Information, App-Level Tokens", error) from error
    except (TimeoutError, aiohttp.ClientError) as error:
        raise _out_of_reach(client, str(error) or type(error).__name__) from error


def _refused(client: AsyncWebClient, name: str, page: str, error: SlackApiError) -> BotError:
    code = error_code(error)
    if error.response.status_code != 200:
        return _out_of_reach(client, code)
    return ConfigurationError(
        f"Slack refuses {name} ({code}). Copy it again from your app's page at api.slack.com/apps under {page}."
    )


def _out_of_reach(client: AsyncWebClient, reason: str) -> BotError:
    return BotError(f"Slack cannot be reached at {client.base_url} ({reason}). Check this machine's network.")
