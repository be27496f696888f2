"""Redelivery of events from memory, for those that could not be handled and that catch-up would not find."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from slack_bolt.async_app import AsyncApp

from bot.slack.log import log_failure, logger
from bot.slack.recovery.lifecycle import handle_event
from bot.slack.timing import Timing
from bot.store.claims import Effect

_KEEP_SECONDS = 15 * 60.0  # after the first failure
_MAX_EVENTS = 1_000
_HANDLING_SECONDS = 300.0  # for one event; Slack may ask to wait meanwhile


class _Event(NamedTuple):
    body: Mapping[str, Any]
    failed_at: float  # the first time, by the monotonic clock


class Redelivery:
    """Gives events to the listeners again until they are handled, or for a quarter of an hour."""

    def __init__(self, app: AsyncApp, timing: Timing) -> None:
        self._app = app
        self._timing = timing
        self._events: dict[Effect, _Event] = {}
        self._wake_up = asyncio.Event()

    def add(self, effect: Effect, body: Mapping[str, Any]) -> None:
        """Keep an event whose effect could not be achieved."""
        if len(self._events) >= _MAX_EVENTS:
            self._give_up(next(iter(self._events)))
        self._events.setdefault(effect, _Event(body, self._timing.monotonic()))
        self._wake_up.set()

    async def run(self) -> None:
        """Dispatch the events again at intervals, until cancelled."""
        while True:
            await self._wake_up.wait()
            self._wake_up.clear()
            await self._timing.sleep(self._timing.catch_up_retry)
            events, self._events = self._events, {}
            await asyncio.gather(*(self._dispatch(effect, event) for effect, event in events.items()))

    async def _dispatch(self, effect: Effect, event: _Event) -> None:
        """Dispatch one event; the listener adds it again if it fails again."""
        try:
            async with asyncio.timeout(_HANDLING_SECONDS):
                await handle_event(self._app, event.body)
        except Exception as error:  # whatever fails, the others go on
            log_failure("redelivering an event", error, {"channel": effect.channel})
            self.add(effect, event.body)
        if effect in self._events:
            self._events[effect] = event
            if self._timing.monotonic() - event.failed_at > _KEEP_SECONDS:
                self._give_up(effect)

    def _give_up(self, effect: Effect) -> None:
        del self._events[effect]
        ids = f"channel={effect.channel} ts={effect.ts}"
        logger.error("An event was not answered and is given up (%s)", ids)
