"""Delivery of payloads to the app, with retries of events as in Slack.

https://docs.slack.dev/apis/events-api#retries
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from slack_emulator.errors import NotAcknowledgedError
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.transport.faults import EventFault, Faults
from slack_emulator.transport.traffic_log import TrafficLog

PayloadKind = Literal["events_api", "slash_commands", "interactive"]
T = TypeVar("T")


@dataclass(frozen=True)
class Schedule:
    """The timing of deliveries.

    Attributes:
        ack_within: Seconds that the app has for an acknowledgement.
        redeliver_after: Seconds to wait before the second, third and fourth delivery of an event.
    """

    ack_within: float = 3
    redeliver_after: Sequence[float] = (0, 60, 300)


class Transport(Protocol):
    """A way to send payloads to the app."""

    @property
    def ready(self) -> bool:
        """Whether a payload can be sent now."""

    async def send(
        self, kind: PayloadKind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Send a payload once and wait for the acknowledgement.

        Args:
            kind: The kind of payload.
            payload: The payload.
            within: The timeout in seconds.
            attempt: The number of the retry; 0 for the first delivery.
            reason: Why it is a retry.

        Returns:
            The payload of the acknowledgement.

        Raises:
            NotAcknowledgedError: If the app did not acknowledge it.
        """


class Delivery:
    """Delivers events, commands and interactions over a transport, which can be replaced."""

    def __init__(
        self, transport: Transport, schedule: Schedule, faults: Faults, changes: ChangeNotifier, log: TrafficLog
    ) -> None:
        self.transport = transport
        self.schedule = schedule
        self._faults = faults
        self._changes = changes
        self._log = log
        self._tasks: set[asyncio.Task[Any]] = set()

    def deliver_event(self, payload: Mapping[str, Any]) -> asyncio.Task[bool]:
        """Start to deliver an event, with retries.

        Returns:
            A task whose result is whether the app acknowledged the event.
        """
        fault = self._faults.take_for_event(str(payload["event"].get("type")))
        if fault and fault.lost:
            return self._start(_lost())
        for _ in range(fault.copies if fault else 0):
            self._start(self._deliver_with_retries(payload, fault))
        return self._start(self._deliver_with_retries(payload, fault))

    @property
    def idle(self) -> bool:
        """Whether no event is being delivered."""
        return not self._tasks

    async def deliver_interaction(self, kind: PayloadKind, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Deliver a command or an interaction, without retries, and return the payload of its acknowledgement.

        Raises:
            NotAcknowledgedError: If the app did not acknowledge it in time.
        """
        name = payload["command"] if kind == "slash_commands" else payload["type"]
        self._log.record("command" if kind == "slash_commands" else "interaction", str(name), payload)
        answer = await self.transport.send(kind, payload, self.schedule.ack_within)
        self._log.record("ack", str(name), {}, answer)
        return answer

    async def close(self) -> None:
        """Cancel all deliveries."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver_with_retries(self, payload: Mapping[str, Any], fault: EventFault | None) -> bool:
        name, event_id = str(payload["event"].get("type")), payload["event_id"]
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        reason = ""
        for attempt, wait in enumerate((0, *self.schedule.redeliver_after)):
            if attempt:
                await self._wait_before_retry(wait)
            self._log.record("event", name, {"retry_attempt": attempt, "retry_reason": reason, **payload})
            try:
                within = self.schedule.ack_within
                await self.transport.send("events_api", payload, within, attempt=attempt, reason=reason)
            except NotAcknowledgedError as error:
                reason = error.reason
                continue
            if fault and fault.deaf and attempt == 0:
                reason = "timeout"
                continue
            self._log.record("ack", name, {"event_id": event_id, "retry_attempt": attempt})
            return True
        return False

    async def _wait_before_retry(self, seconds: float) -> None:
        """Wait that long. If the app is not connected, stop waiting as soon as it connects."""
        if self.transport.ready:
            await asyncio.sleep(seconds)
        else:
            with contextlib.suppress(TimeoutError):
                await self._changes.wait_for(lambda: self.transport.ready, seconds)


async def _lost() -> bool:
    return False
