"""The one place that sends to Slack what the bot says, and each effect once."""

from collections.abc import Awaitable, Collection, Mapping

import aiohttp
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook import WebhookResponse

from bot.slack.blocks.reply import Reply
from bot.slack.blocks.views import View
from bot.slack.failures import error_code, log_failure, logger
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

    async def react(self, client: AsyncWebClient, channel: str, ts: str, emoji: str) -> bool:
        """Add ``emoji`` to a message. That it is there already, or the message gone, is as good."""
        call = client.reactions_add(channel=channel, timestamp=ts, name=emoji)
        ids = {"channel": channel, "ts": ts}
        return await _taken(call, "reacting", ids, as_good={"already_reacted", "message_not_found"})

    async def unreact(self, client: AsyncWebClient, channel: str, ts: str, emoji: str) -> bool:
        """Take the bot's own ``emoji`` from a message. That it is not there, or the message gone, is as good."""
        call = client.reactions_remove(channel=channel, timestamp=ts, name=emoji)
        ids = {"channel": channel, "ts": ts}
        return await _taken(call, "taking a reaction back", ids, as_good={"no_reaction", "message_not_found"})

    async def open(
        self, client: AsyncWebClient, trigger_id: str, view: View, ids: Mapping[str, object], *, on_top: bool = False
    ) -> str | None:
        """Open a window, ``on_top`` of the one that is open; return its id, or None if Slack did not.

        Slack takes a ``trigger_id`` for three seconds.
        """
        try:
            response = await (client.views_push if on_top else client.views_open)(trigger_id=trigger_id, view=view)
        except _REFUSALS as error:
            log_failure("opening a window", error, ids)
            return None
        return (response.get("view") or {}).get("id")

    async def update(self, client: AsyncWebClient, view_id: str, view: View, ids: Mapping[str, object]) -> bool:
        """Draw a window anew. That it was closed meanwhile is as good."""
        call = client.views_update(view_id=view_id, view=view)
        return await _taken(call, "updating a window", ids, as_good={"not_found", "view_not_found"})

    async def publish(self, client: AsyncWebClient, user: str, view: View) -> bool:
        """Draw somebody's App Home anew."""
        return await _taken(client.views_publish(user_id=user, view=view), "drawing an App Home", {"user": user})

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


_REFUSALS = (SlackApiError, aiohttp.ClientError, TimeoutError)


async def _taken(
    call: Awaitable[AsyncSlackResponse | WebhookResponse],
    doing: str,
    ids: Mapping[str, object],
    as_good: Collection[str] = (),
) -> bool:
    """Tell whether Slack took what ``call`` sends, or had a reason ``as_good`` not to; if not, log why and go on."""
    try:
        response = await call
    except _REFUSALS as error:
        if isinstance(error, SlackApiError) and error_code(error) in as_good:
            return True
        log_failure(doing, error, ids)
        return False
    if response.status_code != 200:
        logger.error("%s failed: HTTP %s (%s)", doing, response.status_code, ids)
    return response.status_code == 200
