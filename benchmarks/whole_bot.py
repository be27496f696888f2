"""Throughput from event to reply, of the bot and of ``baseline_bot.py`` with the same weights.

Direct messages of 20 tokens arrive at once. Each bot is a process; the emulator runs on the same cores.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bot_process import BOT, WARM_UP, run_bot
from benchmarks.results import keep, plot_bars, show
from benchmarks.texts import of_length
from bot.sentiment.models import checkpoint

OURS, BASELINE = "the bot", "baseline_bot.py"
COMMANDS = {OURS: BOT, BASELINE: ("-m", "benchmarks.baseline_bot")}


async def events_per_second(command: Sequence[str], folder: Path, texts: Sequence[str]) -> float:
    """Run a bot, send it ``texts``, and return how many it answers per second."""
    async with run_bot(command, {"SENTIMENT_MODEL": str(folder)}) as bot:
        started = time.perf_counter()
        for text in texts:
            await bot.post(text)
        await bot.wait_for_answers(WARM_UP + len(texts))
        return len(texts) / (time.perf_counter() - started)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer messages and rounds")
    args = parser.parse_args()
    rounds, count = (1, 100) if args.quick else (3, 190)
    found: dict[str, list[float]] = {OURS: [], BASELINE: []}
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(checkpoint.load(), Path(folder))
        for turn in range(rounds):
            for name, command in COMMANDS.items():
                texts = of_length(20, count, seed=turn)
                found[name].append(asyncio.run(events_per_second(command, Path(folder), texts)))
    rates = {name: statistics.median(values) for name, values in found.items()}
    show(
        "Whole bot: direct messages answered per second, all sent at once",
        ("", "events/s", "relative to baseline_bot.py"),
        [(name, f"{rate:.0f}", f"{rate / rates[BASELINE]:.1f} ×") for name, rate in rates.items()],
    )
    keep("whole_bot", {"rates": rates, "ratio": rates[OURS] / rates[BASELINE]})
    plot_bars("whole_bot", "Direct messages answered per second", "events/s", rates)


if __name__ == "__main__":
    main()
