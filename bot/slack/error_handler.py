"""Errors that no listener handles, such as a database that cannot be reached."""

from typing import TYPE_CHECKING, Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError

from bot.slack.blocks import FAILED, modal
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource

if TYPE_CHECKING:
    from bot.slack.client.slack_client import SlackClient


def register(app: AsyncApp) -> None:
    """Tell the user that something failed, if somebody is waiting."""

    @app.error
    async def on_error(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse | None:
        # Acknowledged although nothing listens to it: sending it again would not help.
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200)
        log_failure("handling an event", error, {name: body.get(name) for name in ("event_id", "type")})
        view = modal("Sorry", FAILED.blocks)
        if body.get("type") == "view_submission":
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        slack: SlackClient | None = context.get("slack")
        if slack is None:  # the request was not authorized
            return None
        if body.get("response_url"):
            await slack.respond(ActionSource.parse(body), FAILED)
        elif trigger_id := body.get("trigger_id"):
            await slack.open_view(trigger_id, view, on_top=(body.get("view") or {}).get("type") == "modal")
        return None
