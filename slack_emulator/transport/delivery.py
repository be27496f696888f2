"""Carrying payloads to the app, and carrying events again where Slack would."""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from slack_emulator.errors import Undelivered
from slack_emulator.state.notifier import Changes
from slack_emulator.transport.faults import EventFault, Faults
from slack_emulator.transport.traffic_log import Log

Kind = Literal["events_api", "slash_commands", "interactive"]
T = TypeVar("T")


@dataclass(frozen=True)
class Schedule:
    """When Slack gives up waiting, and when it tries again.

    Attributes:
        ack_within: Seconds that the app has for an acknowledgement.
        redeliver_after: Seconds before the second, third and fourth delivery of an event.
    """

    ack_within: float = 3
    redeliver_after: Sequence[float] = (0, 60, 300)


class Transport(Protocol):
    """A way to the app."""

    @property
    def ready(self) -> bool:
        """Whether a payload can be sent now."""

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Send a payload once, wait `within` seconds, and give what its acknowledgement carried.

        Raises:
            Undelivered: If no acknowledgement came.
        """


class Delivery:
    """Carries payloads over a transport, which the server sets."""

    def __init__(self, transport: Transport, schedule: Schedule, faults: Faults, changes: Changes, log: Log) -> None:
        self.transport = transport
        self.schedule = schedule
        self._faults = faults
        self._changes = changes
        self._log = log
        self._tasks: set[asyncio.Task[Any]] = set()

    def event(self, payload: Mapping[str, Any]) -> asyncio.Task[bool]:
        """Carry an event, again and again if need be.

        Returns:
            A task that gives whether the app acknowledged it in the end.
        """
        fault = self._faults.for_event(str(payload["event"].get("type")))
        if fault and fault.lost:
            return self._start(_nothing())
        for _ in range(fault.copies if fault else 0):
            self._start(self._carry(payload, fault))
        return self._start(self._carry(payload, fault))

    async def once(self, kind: Kind, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry a command or an interaction, for which there is one try.

        Raises:
            Undelivered: If the app did not acknowledge it in time.
        """
        name = payload["command"] if kind == "slash_commands" else payload["type"]
        self._log.note("command" if kind == "slash_commands" else "interaction", str(name), dict(payload))
        answer = await self.transport.send(kind, payload, self.schedule.ack_within)
        self._log.note("ack", str(name), {}, dict(answer))
        return answer

    async def close(self) -> None:
        """Stop carrying."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _carry(self, payload: Mapping[str, Any], fault: EventFault | None) -> bool:
        name, event_id = str(payload["event"].get("type")), payload["event_id"]
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        reason = ""
        for attempt, wait in enumerate((0, *self.schedule.redeliver_after)):
            if attempt:
                await self._pause(wait)
            self._log.note("event", name, {"retry_attempt": attempt, "retry_reason": reason, **payload})
            try:
                within = self.schedule.ack_within
                await self.transport.send("events_api", payload, within, attempt=attempt, reason=reason)
            except Undelivered as undelivered:
                reason = undelivered.reason
                continue
            if fault and fault.deaf and attempt == 0:
                reason = "timeout"
                continue
            self._log.note("ack", name, {"event_id": event_id, "retry_attempt": attempt})
            return True
        return False

    async def _pause(self, seconds: float) -> None:
        """Wait before the next try, or until there is somebody to try it with."""
        if self.transport.ready:
            await asyncio.sleep(seconds)
        else:
            with contextlib.suppress(TimeoutError):
                await self._changes.until(lambda: self.transport.ready, seconds)


async def _nothing() -> bool:
    return False
