"""Payloads of interactions. Any field may be missing."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class ActionSource(NamedTuple):
    """The message with the button that was pressed; for a view, its id and the hash of its state."""

    channel: str
    ts: str
    thread_ts: str | None
    user: str

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> "ActionSource":
        """Parse the payload of a button."""
        container, view = body.get("container") or {}, body.get("view") or {}
        return cls(
            container.get("channel_id") or view.get("id") or "",
            container.get("message_ts") or view.get("hash") or "",
            container.get("thread_ts"),
            (body.get("user") or {}).get("id") or "",
        )
