"""The executor of a dry run, which makes only the calls that read."""

import time
from collections.abc import Awaitable, Callable

from bot.slack.client.executor import Call, CallExecutor, Response, ids_of
from bot.slack.log import logger

READING = {
    "apps.connections.open",
    "auth.test",
    "chat.getPermalink",
    "conversations.history",
    "conversations.info",
    "conversations.replies",
    "reactions.get",
    "users.conversations",
    "users.info",
}
"""The methods that change nothing in the workspace."""


class DryRunExecutor(CallExecutor):
    """Logs every other call instead of making it, and answers as if Slack had accepted it."""

    async def execute(self, token: str | None, call: Call, send: Callable[[], Awaitable[Response]]) -> Response:
        """Make ``call`` if it only reads."""
        if call.method in READING:
            return await super().execute(token, call, send)
        logger.info("dry run: %s is not called%s", call.method, ids_of(call))
        place = {"channel": call.arguments.get("channel", ""), "ts": f"{time.time():.6f}"}
        return Response({"ok": True, **place, "view": {"id": "none"}, "upload_url": "", "file_id": ""})
