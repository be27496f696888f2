"""A bot that gets much to do: when it acknowledges, and how long a slash command takes meanwhile.

Open loop: messages come at their times, however far the bot has got. The stand-in runs on the same cores.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.results import keep, plot_lines, show
from benchmarks.running import BOT, WARM_UP, Running, running
from benchmarks.texts import of_length
from bot.slack.parsing.request import COMMAND
from slack_emulator import DeliveryError
from slack_emulator.transport.delivery import PayloadKind, Transport

REPORTING = ("-m", "benchmarks.reporting_bot")
TOKENS = 20
LATE = 3.0
"""Seconds after which Slack sends an event again."""


class Stopwatch:
    """A transport that notes how many seconds each event's acknowledgement took."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.took: list[float] = []

    @property
    def ready(self) -> bool:
        """Whether a payload can be sent now."""
        return self._transport.ready

    async def send(
        self, kind: PayloadKind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Send a payload once."""
        started = time.perf_counter()
        try:
            answer = await self._transport.send(kind, payload, within, attempt=attempt, reason=reason)
        except DeliveryError:
            self.took.append(float("inf"))
            raise
        if "bot_id" not in payload.get("event", {}):  # Slack also tells the bot what it said itself
            self.took.append(time.perf_counter() - started)
        return answer


async def capacity(bot: Running, count: int) -> float:
    """Return how many messages a second the bot answers if all come at once."""
    started = time.perf_counter()
    for text in of_length(TOKENS, count, seed=1):
        await bot.post(text)
    await bot.answered(WARM_UP + count)
    return count / (time.perf_counter() - started)


@asynccontextmanager
async def arriving(bot: Running, rate: float) -> AsyncIterator[None]:
    """Let ``rate`` messages a second arrive inside the block, in no even rhythm.

    Raises:
        RuntimeError: fewer than nine in ten could be sent, so that what was measured says little.
    """
    started, sent = time.perf_counter(), 0
    texts = of_length(TOKENS, 10_000, seed=2)

    async def arrive() -> None:
        nonlocal sent
        while True:
            due = int((time.perf_counter() - started) * rate)
            for _ in range(due - sent):
                await bot.post(texts[sent % len(texts)])
                sent += 1
            await asyncio.sleep(0.005)

    task = asyncio.create_task(arrive())
    try:
        yield
        if sent < 0.9 * rate * (time.perf_counter() - started):
            raise RuntimeError(f"only {sent} messages were sent")
    finally:
        task.cancel()


async def acks(bot: Running, rate: float, seconds: float) -> list[float]:
    """Return how long each acknowledgement took while ``rate`` messages a second arrived."""
    stopwatch = Stopwatch(bot.workspace.delivery.transport)
    bot.workspace.delivery.transport = stopwatch
    async with arriving(bot, rate):
        await asyncio.sleep(seconds)
    await asyncio.sleep(LATE + 1)  # what is under way comes in, or is late
    return stopwatch.took


async def commands(bot: Running, count: int) -> list[float]:
    """Return how long each of ``count`` slash commands took, from typing it to seeing the answer."""
    user, channel = bot.workspace.user_id("ben"), bot.workspace.channel_id("general")
    took = []
    for text in of_length(TOKENS, count, seed=3):
        before = len(bot.workspace.seen_by(user, channel))
        started = time.perf_counter()
        await bot.workspace.command(user, channel, COMMAND, text)
        await bot.workspace.until(lambda n=before: len(bot.workspace.seen_by(user, channel)) > n, timeout=60)  # type: ignore[misc]  # mypy cannot infer the type of a lambda's default
        took.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)
    return took


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of ``values`` do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(seconds: float, count: int) -> tuple[float, dict[str, list[float]]]:
    """Return the capacity, and what was timed by what went on meanwhile."""
    found = {}
    async with running() as bot:
        rate = await capacity(bot, 190)
        found["slash command, nothing else"] = await commands(bot, count)
        async with arriving(bot, rate / 2):
            await asyncio.sleep(1)
            found["slash command at half load"] = await commands(bot, count)
    async with running(REPORTING) as bot:
        found["slash command during a report"] = await commands(bot, count)
    async with running(BOT) as bot:
        found["acknowledgement at twice the capacity"] = await acks(bot, 2 * rate, seconds)
    return rate, found


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five seconds instead of sixty")
    args = parser.parse_args()
    gc.disable()  # the stand-in keeps every message; looking through them for garbage would stop it, not the bot
    rate, found = asyncio.run(measure(*((5.0, 50) if args.quick else (60.0, 300))))
    rows = [
        (
            name,
            str(len(took)),
            *(f"{1000 * percentile(took, share):.0f}" for share in (0.5, 0.99)),
            f"{sum(one > LATE for one in took) / len(took):.1%}",
        )
        for name, took in found.items()
    ]
    show(
        f"Under load; {rate:.0f} messages a second are all that the bot can do",
        ("", "times", "median, ms", "99 %, ms", "later than 3 s"),
        rows,
    )
    keep("load", {"capacity": rate, "seconds": found})
    plot_lines(
        "load",
        "How long it took",
        ("share of them", "seconds"),
        {name: [(i / len(took), one) for i, one in enumerate(sorted(took))] for name, took in found.items()},
    )


if __name__ == "__main__":
    main()
