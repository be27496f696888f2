"""The Socket Mode door: a connection to Slack, over which it sends what people do."""

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack.failures import log_failure


class Handler(AsyncSocketModeHandler):
    """Bolt's handler, which also acknowledges what Bolt cannot read, so that Slack does not send it again."""

    # Bolt narrows the client in just this way.
    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Let Bolt handle one envelope."""
        try:
            await super().handle(client, req)
        # Bolt raises all kinds of errors for payloads of unexpected shape, before any listener or error handler.
        except Exception as error:
            log_failure("reading an envelope", error, {"envelope_id": req.envelope_id, "type": req.type})
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
