"""Injected faults: what can go wrong between Slack and the app."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar


@dataclass
class ApiFault:
    """A fault of the next calls of some Web API methods.

    Attributes:
        method: The method, or a pattern such as `chat.*`.
        status: The HTTP status of the response: 429 or a 5xx. None leaves the response as it is.
        error: The error code of an `{"ok": false}` response, such as `internal_error`.
        retry_after: The `Retry-After` header of a 429 response, in seconds.
        wait: The delay in seconds.
        drop: Whether the connection is closed instead of sending a response.
        applied: Whether the call takes effect although its response is replaced or dropped.
        times: The number of calls affected; None for all.
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
    """A fault of the delivery of the next events.

    Attributes:
        event: The event type, or a pattern such as `reaction_*`.
        copies: The number of additional deliveries of the same event.
        wait: The delay in seconds; with `times=1`, later events overtake this one.
        lost: Whether the event is never sent.
        deaf: Whether its first acknowledgement is ignored, so that it is sent again.
        times: The number of events affected; None for all.
    """

    event: str = "*"
    copies: int = 0
    wait: float = 0
    lost: bool = False
    deaf: bool = False
    times: int | None = 1


@dataclass
class Faults:
    """The active faults, the oldest first."""

    api: list[ApiFault] = field(default_factory=list)
    events: list[EventFault] = field(default_factory=list)

    def add(self, fault: ApiFault | EventFault) -> None:
        """Activate a fault."""
        if isinstance(fault, ApiFault):
            self.api.append(fault)
        else:
            self.events.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self.api.clear()
        self.events.clear()

    def take_for_call(self, method: str) -> ApiFault | None:
        """Return the fault that affects this call, and count it."""
        return _take(self.api, [fault for fault in self.api if fnmatchcase(method, fault.method)])

    def take_for_event(self, event: str) -> EventFault | None:
        """Return the fault that affects this event, and count it."""
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
