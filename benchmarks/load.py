"""Latency under load: of acknowledgements, and of a slash command.

The load is an open loop: messages arrive at a fixed rate, whether or not earlier ones are answered. The emulator runs
on the same cores.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.bot_process import BOT, WARM_UP, BotProcess, run_bot
from benchmarks.results import keep, plot_lines, show
from benchmarks.texts import of_length
from bot.slack.parsing.request import COMMAND
from slack_emulator import NotAcknowledgedError
from slack_emulator.transport.delivery import PayloadKind, Transport

REPORTING = ("-m", "benchmarks.reporting_bot")
TOKENS = 20
LATE = 3.0
"""Seconds after which Slack redelivers an event."""


class TimedTransport:
    """A transport that measures how many seconds each acknowledgement takes."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.latencies: list[float] = []

    @property
    def ready(self) -> bool:
        """Whether a payload can be sent now."""
        return self._transport.ready

    async def send(
        self, kind: PayloadKind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Send a payload, and measure the time until it is acknowledged."""
        started = time.perf_counter()
        try:
            answer = await self._transport.send(kind, payload, within, attempt=attempt, reason=reason)
        except NotAcknowledgedError:
            self.latencies.append(float("inf"))
            raise
        if "bot_id" not in payload.get("event", {}):  # the bot's own messages are not counted
            self.latencies.append(time.perf_counter() - started)
        return answer


async def measure_capacity(bot: BotProcess, count: int) -> float:
    """Return how many messages the bot answers per second if all arrive at once."""
    started = time.perf_counter()
    for text in of_length(TOKENS, count, seed=1):
        await bot.post(text)
    await bot.wait_for_answers(WARM_UP + count)
    return count / (time.perf_counter() - started)


@asynccontextmanager
async def message_load(bot: BotProcess, rate: float) -> AsyncIterator[None]:
    """Post ``rate`` messages per second inside the block.

    Raises:
        RuntimeError: fewer than nine in ten could be posted, so that the measurement is not valid.
    """
    started, sent = time.perf_counter(), 0
    texts = of_length(TOKENS, 10_000, seed=2)

    async def post_messages() -> None:
        nonlocal sent
        while True:
            due = int((time.perf_counter() - started) * rate)
            for _ in range(due - sent):
                await bot.post(texts[sent % len(texts)])
                sent += 1
            await asyncio.sleep(0.005)

    task = asyncio.create_task(post_messages())
    try:
        yield
        if sent < 0.9 * rate * (time.perf_counter() - started):
            raise RuntimeError(f"only {sent} messages were sent")
    finally:
        task.cancel()


async def measure_acknowledgements(bot: BotProcess, rate: float, seconds: float) -> list[float]:
    """Return the latencies of acknowledgements in seconds, while ``rate`` messages arrive per second."""
    transport = TimedTransport(bot.workspace.delivery.transport)
    bot.workspace.delivery.transport = transport
    async with message_load(bot, rate):
        await asyncio.sleep(seconds)
    await asyncio.sleep(LATE + 1)  # until every event is acknowledged or late
    return transport.latencies


async def measure_commands(bot: BotProcess, count: int) -> list[float]:
    """Return the latencies of ``count`` slash commands in seconds, until the answer is shown."""
    user, channel = bot.workspace.user_id("ben"), bot.workspace.channel_id("general")
    latencies = []
    for text in of_length(TOKENS, count, seed=3):
        before = len(bot.workspace.seen_by(user, channel))
        started = time.perf_counter()
        await bot.workspace.command(user, channel, COMMAND, text)
        await bot.workspace.until(lambda n=before: len(bot.workspace.seen_by(user, channel)) > n, timeout=60)  # type: ignore[misc]  # mypy cannot infer the type of a lambda's default
        latencies.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)
    return latencies


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of ``values`` do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(seconds: float, count: int) -> tuple[float, dict[str, list[float]]]:
    """Return the capacity in messages per second, and latencies by what was measured."""
    found = {}
    async with run_bot() as bot:
        rate = await measure_capacity(bot, 190)
        found["slash command, nothing else"] = await measure_commands(bot, count)
        async with message_load(bot, rate / 2):
            await asyncio.sleep(1)
            found["slash command at half load"] = await measure_commands(bot, count)
    async with run_bot(REPORTING) as bot:
        found["slash command during a report"] = await measure_commands(bot, count)
    async with run_bot(BOT) as bot:
        found["acknowledgement at twice the capacity"] = await measure_acknowledgements(bot, 2 * rate, seconds)
    return rate, found


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five seconds instead of sixty")
    args = parser.parse_args()
    gc.disable()  # the emulator keeps every message, so that collections would take long, and delay the emulator
    rate, found = asyncio.run(measure(*((5.0, 50) if args.quick else (60.0, 300))))
    rows = [
        (
            name,
            str(len(latencies)),
            *(f"{1000 * percentile(latencies, share):.0f}" for share in (0.5, 0.99)),
            f"{sum(latency > LATE for latency in latencies) / len(latencies):.1%}",
        )
        for name, latencies in found.items()
    ]
    show(
        f"Latency under load; the capacity is {rate:.0f} messages per second",
        ("", "measurements", "median, ms", "99 %, ms", "later than 3 s"),
        rows,
    )
    keep("load", {"capacity": rate, "seconds": found})
    plot_lines(
        "load",
        "Latency",
        ("share of measurements", "seconds"),
        {
            name: [(i / len(latencies), latency) for i, latency in enumerate(sorted(latencies))]
            for name, latencies in found.items()
        },
    )


if __name__ == "__main__":
    main()
