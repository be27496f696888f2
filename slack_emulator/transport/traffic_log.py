"""The log of the traffic between the workspace and the app."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slack_emulator.state.notifier import ChangeNotifier

EntryKind = Literal["event", "command", "interaction", "ack", "api", "response_url", "socket"]

MAX_ENTRIES = 20_000
"""When the log is longer, its older half is removed."""

_TOKENS = ("token", "bot_access_token", "access_token", "refresh_token", "client_secret", "code")


@dataclass(frozen=True)
class LogEntry:
    """A payload, acknowledgement, API call or connection.

    Attributes:
        at: Seconds since the epoch.
        kind: `event`, `command` or `interaction` for a payload sent to the app, `ack` for its acknowledgement, `api`
            for a Web API call, `response_url` for a request to a response URL, `socket` for a connection.
        name: The type of the event or interaction, the command, the API method, or what happened to the connection.
        sent: The payload, or the arguments of a call, without tokens.
        answer: The response, if there is one.
        note: What the response does not say.
    """

    at: float
    kind: EntryKind
    name: str
    sent: Mapping[str, Any]
    answer: Mapping[str, Any] | None = None
    note: str = ""


class TrafficLog(list[LogEntry]):
    """All entries, the oldest first.

    Attributes:
        total: The number of entries ever recorded, including those removed since.
    """

    def __init__(self, changes: ChangeNotifier) -> None:
        super().__init__()
        self._changes = changes
        self.total = 0

    def record(
        self,
        kind: EntryKind,
        name: str,
        sent: Mapping[str, Any],
        answer: Mapping[str, Any] | None = None,
        *,
        note: str = "",
    ) -> None:
        """Append an entry, without its tokens."""
        sent = _without_tokens(sent)
        if isinstance(event := sent.get("event"), Mapping):
            sent = sent | {"event": _without_tokens(event)}
        answer = None if answer is None else _without_tokens(answer)
        self.append(LogEntry(time.time(), kind, name, sent, answer, note))
        self.total += 1
        if len(self) > MAX_ENTRIES:
            del self[: MAX_ENTRIES // 2]
        self._changes.notify()


def _without_tokens(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in _TOKENS}
