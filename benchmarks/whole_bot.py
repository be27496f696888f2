"""From an event to the posted reply: the bot against ``naive_bot.py``, same weights, each a process on the stand-in.

Direct messages of 20 tokens arrive all at once. The stand-in runs on the same cores and takes its share of them.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import keep, plot_bars, show
from benchmarks.texts import of_length
from bot.sentiment import checkpoint
from bot.slack.manifest import manifest
from bot.workspace import Workspace, serve

LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
OURS, NAIVE = "the bot", "naive_bot.py"
WARM_UP = 100
"""Messages answered before the clock starts: by then connections are open and code is in memory."""
COMMANDS = {OURS: ("-m", "bot", "run"), NAIVE: ("-m", "benchmarks.naive_bot")}


async def events_per_second(command: Sequence[str], folder: Path, texts: Sequence[str]) -> float:
    """Start a bot in a workspace of its own, send it ``texts``, and return how many it answered a second."""
    workspace = Workspace(manifest())
    ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")

    async def answered(count: int) -> None:
        def done() -> bool:
            said = [m.text for m in workspace.seen_by(ana, dm) if m.user == workspace.bot_user_id]
            return sum(text.startswith(LABELS) for text in said) >= count

        async with asyncio.timeout(300):
            while not done():  # noqa: ASYNC110 - looked at rarely, as looking at every change would cost much
                await asyncio.sleep(0.02)

    async with serve(workspace) as server:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SENTIMENT_")} | {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": server.api_url,
            "SENTIMENT_MODEL": str(folder),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            await workspace.until(lambda: any(one.kind == "socket" for one in workspace.log), timeout=120)
            for text in of_length(20, WARM_UP, seed=-1):
                await workspace.post(ana, dm, text)
            await answered(WARM_UP)
            started = time.perf_counter()
            for text in texts:
                await workspace.post(ana, dm, text)
            await answered(WARM_UP + len(texts))
            return len(texts) / (time.perf_counter() - started)
        finally:
            process.terminate()
            await process.wait()


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
