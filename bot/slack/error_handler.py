"""When a listener fails where it did not expect to, such as with the database away: whoever waits is told so."""

from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import FAILED
from bot.slack.client.failures import log_failure
from bot.slack.client.sender import Sender
from bot.slack.views import modal


def register(app: AsyncApp, sender: Sender) -> None:
    """Listen to errors."""

    @app.error
    async def on_error(
        error: Exception, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse | None:
        # What no listener knows is not for us: acknowledged all the same, sending it again would not help.
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200)
        ids = {name: body.get(name) for name in ("event_id", "type")}
        log_failure("handling an event", error, ids)
        window = modal("Sorry", FAILED.blocks)
        if body.get("type") == "view_submission":
            return BoltResponse(status=200, body={"response_action": "update", "view": window})
        if body.get("response_url"):
            await sender.respond(respond, FAILED, ids)
        elif trigger_id := body.get("trigger_id"):
            in_window = (body.get("view") or {}).get("type") == "modal"
            await sender.open(client, trigger_id, window, ids, on_top=in_window)
        return None
