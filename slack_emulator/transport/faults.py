"""Faults on demand: the ways in which the real Slack and the network disappoint."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar


@dataclass
class ApiFault:
    """What happens to the next calls of some Web API methods.

    Attributes:
        method: Method name, or a pattern such as `chat.*`.
        status: The HTTP status to answer with: 429, or a 5xx. None leaves the answer as it is.
        error: An error code for an ordinary `{"ok": false}` answer, such as `internal_error`.
        retry_after: The `Retry-After` header of a 429, in seconds.
        wait: Seconds to wait before anything else.
        drop: Close the connection instead of answering.
        applied: Whether the call takes effect although its answer is replaced or dropped.
        times: How many calls it meets; None for all of them.
    """

    method: str = "*"
    status: int | None = None
    error: str | None = None
    retry_after: int = 1
    wait: float = 0
    drop: bool = False
    applied: bool = False
    times: int | None = 1


@dataclass
class EventFault:
    """What happens to the next events on their way to the app.

    Attributes:
        event: Event type, or a pattern such as `reaction_*`.
        copies: How many more times the event is sent, as the same event.
        wait: Seconds by which it comes late; with `times=1` it comes out of order.
        lost: Never send it.
        deaf: Take no notice of its first acknowledgement, as when that got lost: it is then sent again.
        times: How many events it meets; None for all of them.
    """

    event: str = "*"
    copies: int = 0
    wait: float = 0
    lost: bool = False
    deaf: bool = False
    times: int | None = 1


@dataclass
class Faults:
    """The faults now in force, each list from the oldest to the newest."""

    api: list[ApiFault] = field(default_factory=list)
    events: list[EventFault] = field(default_factory=list)

    def add(self, fault: ApiFault | EventFault) -> None:
        """Put a fault in force."""
        if isinstance(fault, ApiFault):
            self.api.append(fault)
        else:
            self.events.append(fault)

    def clear(self) -> None:
        """End all faults."""
        self.api.clear()
        self.events.clear()

    def for_call(self, method: str) -> ApiFault | None:
        """Give the fault that meets this call, and count it."""
        return _take(self.api, [fault for fault in self.api if fnmatchcase(method, fault.method)])

    def for_event(self, event: str) -> EventFault | None:
        """Give the fault that meets this event, and count it."""
        return _take(self.events, [fault for fault in self.events if fnmatchcase(event, fault.event)])


_Fault = TypeVar("_Fault", ApiFault, EventFault)


def _take(faults: list[_Fault], matching: list[_Fault]) -> _Fault | None:
    if not matching:
        return None
    fault = matching[0]
    if fault.times is not None:
        fault.times -= 1
        if fault.times <= 0:
            faults.remove(fault)
    return fault
