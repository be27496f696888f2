"""The one place that sends to Slack what the bot says, and each effect once."""

from collections.abc import Awaitable, Mapping

import aiohttp
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook import WebhookResponse

from bot.slack.blocks.reply import Reply
from bot.slack.failures import log_failure, logger
from bot.store.claims import Claims, Effect


class Sender:
    """Sends replies. Each method returns whether Slack took the reply; why it did not is in the log.

    A post whose connection breaks is not repeated: Slack may have taken it, and would show it twice.

    Args:
        claims: remembers which effects were done.
    """

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    def first(self, effect: Effect) -> bool:
        """Claim ``effect``; False means that it was claimed before and must not be done again."""
        return self._claims.take(effect)

    def again(self, effect: Effect) -> None:
        """Give the claim of an effect back that could not be done, so that a person can ask for it again."""
        self._claims.release(effect)

    async def post(self, client: AsyncWebClient, channel: str, thread_ts: str | None, reply: Reply) -> bool:
        """Post ``reply`` for everybody in ``channel``."""
        call = client.chat_postMessage(channel=channel, thread_ts=thread_ts, **reply.message())
        return await _taken(call, "posting", {"channel": channel, "thread_ts": thread_ts})

    async def whisper(
        self, client: AsyncWebClient, channel: str, user: str, thread_ts: str | None, reply: Reply
    ) -> bool:
        """Show ``reply`` to ``user`` alone."""
        call = client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts, **reply.message())
        return await _taken(call, "telling one person", {"channel": channel, "user": user, "thread_ts": thread_ts})

    async def respond(
        self,
        respond: AsyncRespond,
        reply: Reply,
        ids: Mapping[str, object],
        *,
        response_type: str = "ephemeral",
        replace_original: bool = False,
        thread_ts: str | None = None,
    ) -> bool:
        """Answer a command or a button through the address that came with it, as Bolt's ``respond`` does.

        ``ids`` is what the log says this was about if Slack does not take it.
        """
        call = respond(
            **reply.message(), response_type=response_type, replace_original=replace_original, thread_ts=thread_ts
        )
        return await _taken(call, "responding", ids)


async def _taken(call: Awaitable[AsyncSlackResponse | WebhookResponse], doing: str, ids: Mapping[str, object]) -> bool:
    """Tell whether Slack took what ``call`` sends; if not, log why and go on."""
    try:
        response = await call
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log_failure(doing, error, ids)
        return False
    if response.status_code != 200:
        logger.error("%s failed: HTTP %s (%s)", doing, response.status_code, ids)
    return response.status_code == 200
