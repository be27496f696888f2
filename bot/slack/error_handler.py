"""Errors that no listener handles, such as a database that cannot be reached."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncRespond
from slack_bolt.error import BoltUnhandledRequestError

from bot.slack.blocks import FAILED, modal
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource

if TYPE_CHECKING:
    from bot.slack.client.slack_client import SlackClient

_VIEW = modal("Sorry", FAILED.blocks)
_ERROR_VIEW = {"response_action": "update", "view": _VIEW}


def register(app: AsyncApp, on_unauthorized: Callable[[Mapping[str, Any]], None]) -> None:
    """Tell the user that something failed, if somebody is waiting.

    ``on_unauthorized`` is called with a payload whose workspace could not be looked up.
    """

    @app.error
    async def on_error(
        error: Exception,
        body: dict[str, Any],
        context: AsyncBoltContext,
        response: BoltResponse | None,
        respond: AsyncRespond,
    ) -> BoltResponse | None:
        # Acknowledged although nothing listens to it: sending it again would not help.
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200)
        log_failure("handling an event", error, {name: body.get(name) for name in ("event_id", "type")})
        try:
            if body.get("type") == "view_submission":
                return BoltResponse(status=200, body=_ERROR_VIEW) if response else None
            slack: SlackClient | None = context.get("slack")
            if slack is not None:
                await _tell_user(slack, body)
                return None
            on_unauthorized(body)
            if body.get("response_url"):
                await respond(FAILED.text)
                return BoltResponse(status=200)
        # Bolt would leave this error to the event loop.
        except Exception as failure:
            log_failure("reporting a failure", failure, {name: body.get(name) for name in ("event_id", "type")})
        return None


async def _tell_user(slack: "SlackClient", body: Mapping[str, Any]) -> None:
    if body.get("response_url"):
        await slack.respond(ActionSource.parse(body), FAILED)
    elif trigger_id := body.get("trigger_id"):
        await slack.open_view(trigger_id, _VIEW, on_top=(body.get("view") or {}).get("type") == "modal")
