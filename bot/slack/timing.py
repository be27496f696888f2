"""Clocks, pauses and timeouts, in one object so that tests can pass shorter ones."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.store.processes import LEASE


@dataclass(frozen=True, slots=True)
class Timing:
    """Clocks and durations, in seconds."""

    monotonic: Callable[[], float] = time.monotonic  # of rate limits and retries
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep  # for rate limits and between retries
    heartbeat: float = LEASE / 4  # between two of a process; well below its lease
    catch_up_retry: float = 30.0  # until catch-up is tried again after it failed
    request: float = 30.0  # for one request to Slack
    finish: float = 10.0  # for requests in progress when the bot is stopped
    ping: float = 5.0  # between two on a Socket Mode connection, which is replaced if it is silent 1.5 times as long
    overlap: float = 10.0  # for which a connection that Slack wants replaced is still read beside the new one
    connect: float = 10.0  # for one attempt to connect
    reconnect: float = 1.0  # before the second attempt to connect; doubled for each further one, up to 30


DEFAULT_TIMING = Timing()
