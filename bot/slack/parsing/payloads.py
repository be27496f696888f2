"""Payloads of interactions. Any field may be missing."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class ActionSource(NamedTuple):
    """The message or view with the button that was pressed.

    Attributes:
        channel: the channel of the message, or the id of the view.
        ts: the timestamp of the message, or the hash of the view's state.
        thread_ts: the thread of the message, if it is part of one.
        user: who pressed it.
    """

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
