"""Reading what comes with buttons and windows. Anything may be missing."""

from typing import Any

from slack_bolt.async_app import AsyncBoltContext


def ids_of_button(body: dict[str, Any], context: AsyncBoltContext) -> dict[str, str]:
    """Name the message, or the state of the window, that holds a button which was pressed."""
    container, view = body.get("container") or {}, body.get("view") or {}
    return {
        "team": context.team_id or "",
        "channel": container.get("channel_id") or view.get("id") or "",
        "ts": container.get("message_ts") or view.get("hash") or "",
    }
