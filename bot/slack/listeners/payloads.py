"""Reading what comes with buttons, shortcuts and windows. Anything may be missing."""

from typing import Any


def team_of(body: dict[str, Any]) -> str:
    """Return the workspace that the bot is installed in, for whom this is."""
    team = body.get("team") or {}
    # In a workspace that belongs to an organization the team may be null.
    return team.get("id") or (body.get("enterprise") or {}).get("id") or ""


def ids_of_button(body: dict[str, Any]) -> dict[str, str]:
    """Name the message, or the state of the window, that holds a button which was pressed."""
    container, view = body.get("container") or {}, body.get("view") or {}
    return {
        "team": team_of(body),
        "channel": container.get("channel_id") or view.get("id") or "",
        "ts": container.get("message_ts") or view.get("hash") or "",
    }
