"""Clocks, pauses and timeouts, in one object so that tests can pass shorter ones."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.store.processes import LEASE


@dataclass(frozen=True, slots=True)
class Timing:
    """Clocks and durations, in seconds.

    Attributes:
        monotonic: the clock of rate limits and retries.
        sleep: waits for rate limits and between retries.
        heartbeat: between two heartbeats of a process; well below its lease.
        catch_up_retry: until catch-up is tried again after it failed.
        request: for one request to Slack.
        finish: for requests in progress when the bot is stopped.
        ping: between two pings of a Socket Mode connection; one that is silent for 1.5 times as long is replaced.
        overlap: for which a connection that Slack wants replaced is still read beside the new one.
        connect: for one attempt to connect.
        reconnect: before the second attempt to connect; doubled for each further one, up to 30.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    heartbeat: float = LEASE / 4
    catch_up_retry: float = 30.0
    request: float = 30.0
    finish: float = 10.0
    ping: float = 5.0
    overlap: float = 10.0
    connect: float = 10.0
    reconnect: float = 1.0


DEFAULT_TIMING = Timing()
