"""The books of a workspace: what was sent to the app, and what the app asked for."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slack_emulator.state.notifier import Changes

Kind = Literal["event", "command", "interaction", "ack", "api", "response_url", "socket"]

KEPT = 20_000  # an evening of trying, or a load test; then the oldest half goes

_TOKENS = ("token", "bot_access_token", "access_token", "refresh_token", "client_secret", "code")


@dataclass(frozen=True)
class Exchange:
    """One thing that crossed the line between the workspace and the app.

    Attributes:
        at: Seconds since the epoch.
        kind: `event`, `command` or `interaction` for what was sent to the app, `ack` for its acknowledgement,
            `api` for a Web API call, `response_url` for an answer by that way, `socket` for a connection.
        name: The event's or interaction's type, the command, the API method, or what happened to the socket.
        sent: What was asked: the envelope, or the arguments of a call, never a token.
        answer: What came back, where it is known at once.
    """

    at: float
    kind: Kind
    name: str
    sent: Mapping[str, Any]
    answer: Mapping[str, Any] | None = None


class Log(list[Exchange]):
    """All exchanges, the oldest first; rings the bell at each new one.

    Attributes:
        noted: How many there ever were, those that have gone among them.
    """

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self._changes = changes
        self.noted = 0

    def note(self, kind: Kind, name: str, sent: Mapping[str, Any], answer: Mapping[str, Any] | None = None) -> None:
        """Write an exchange down, without its tokens."""
        sent = {key: value for key, value in sent.items() if key not in _TOKENS}
        if answer is not None:
            answer = {key: value for key, value in answer.items() if key not in _TOKENS}
        if isinstance(event := sent.get("event"), Mapping):
            sent["event"] = {key: value for key, value in event.items() if key not in _TOKENS}
        self.append(Exchange(time.time(), kind, name, sent, answer))
        self.noted += 1
        if len(self) > KEPT:
            del self[: KEPT // 2]
        self._changes.ring()
