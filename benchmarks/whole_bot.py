"""From an event to the posted reply: the bot against ``naive_bot.py``, same weights, each a process on the stand-in.

Direct messages of 20 tokens arrive all at once. The stand-in runs on the same cores and takes its share of them.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import keep, plot_bars, show
from benchmarks.running import BOT, WARM_UP, running
from benchmarks.texts import of_length
from bot.sentiment.models import checkpoint

OURS, NAIVE = "the bot", "naive_bot.py"
COMMANDS = {OURS: BOT, NAIVE: ("-m", "benchmarks.naive_bot")}


async def events_per_second(command: Sequence[str], folder: Path, texts: Sequence[str]) -> float:
    """Start a bot in a workspace of its own, send it ``texts``, and return how many it answered a second."""
    async with running(command, {"SENTIMENT_MODEL": str(folder)}) as bot:
        started = time.perf_counter()
        for text in texts:
            await bot.post(text)
        await bot.answered(WARM_UP + len(texts))
        return len(texts) / (time.perf_counter() - started)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer messages and rounds")
    args = parser.parse_args()
    rounds, count = (1, 100) if args.quick else (3, 190)
    found: dict[str, list[float]] = {OURS: [], NAIVE: []}
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(checkpoint.load(), Path(folder))
        for turn in range(rounds):
            for name, command in COMMANDS.items():
                texts = of_length(20, count, seed=turn)
                found[name].append(asyncio.run(events_per_second(command, Path(folder), texts)))
    rates = {name: statistics.median(values) for name, values in found.items()}
    show(
        "Whole bot: direct messages answered a second, all sent at once",
        ("", "events/s", "against the naive bot"),
        [(name, f"{rate:.0f}", f"{rate / rates[NAIVE]:.1f} ×") for name, rate in rates.items()],
    )
    keep("whole_bot", {"rates": rates, "ratio": rates[OURS] / rates[NAIVE]})
    plot_bars("whole_bot", "Direct messages answered a second", "events/s", rates)


if __name__ == "__main__":
    main()
