"""Time from the command to the first result, beside ``pipeline()`` on the same weights; memory of the running bot.

Memory is read from Linux's /proc.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bot_process import WARM_UP, run_bot
from benchmarks.processes import read_memory
from benchmarks.results import keep, plot_bars, show
from benchmarks.texts import as_in_chat
from bot.sentiment.models import checkpoint

PIPELINE_SCRIPT = """
import sys
from transformers import pipeline
classify = pipeline("sentiment-analysis", model=sys.argv[1], device="cpu")
result = classify("hi")[0]
print(result["label"], result["score"])
"""


def seconds(command: Sequence[str]) -> float:
    """Return the duration of a Python process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True)  # noqa: S603 - our own commands
    return time.perf_counter() - started


async def measure_memory(count: int) -> dict[str, float]:
    """Return the memory of the running bot after ``count`` chat messages, as ``read_memory`` does."""
    async with run_bot() as bot:
        texts = as_in_chat(count)
        for start in range(0, count, 100):
            for text in texts[start : start + 100]:
                await bot.post(text)
            await bot.wait_for_answers(WARM_UP + min(count, start + 100))
        return read_memory(bot.process.pid)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and messages")
    args = parser.parse_args()
    rounds, count = (3, 200) if args.quick else (9, 2000)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(checkpoint.load(), Path(folder))
        contenders = {"analyze hi": ("-m", "bot", "analyze", "hi"), "five lines": ("-c", PIPELINE_SCRIPT, folder)}
        durations: dict[str, list[float]] = {name: [] for name in contenders}
        for round_number in range(rounds + 1):
            for name, command in contenders.items():
                duration = seconds(command)
                if round_number:  # the first round fills the disk cache
                    durations[name].append(duration)
    medians = {name: statistics.median(values) for name, values in durations.items()}
    ratio = medians["analyze hi"] / medians["five lines"]
    show(
        "From the command to the first result",
        ("", "seconds", "relative to pipeline()"),
        [(name, f"{value:.2f}", f"{value / medians['five lines']:.2f}") for name, value in medians.items()],
    )
    memory = asyncio.run(measure_memory(count)) if sys.platform == "linux" else {}
    show(f"The running bot after {count} messages", ("", "MB"), [(name, f"{mb:.0f}") for name, mb in memory.items()])
    keep("startup", {"seconds": medians, "ratio": ratio, "megabytes": memory})
    plot_bars("startup", "From the command to the first result", "seconds", medians)


if __name__ == "__main__":
    main()
