"""How long a question about a thread takes, from the mention to the answer.

The bot is a process; the emulator runs on the same cores. The messages are as long as in a chat, and never the same.
"""

import asyncio
import statistics
import time

from benchmarks.bot_process import BotProcess, run_bot
from benchmarks.results import keep, show
from benchmarks.texts import as_in_chat
from bot.slack.features.threads.blocks import READING

_LENGTHS = (50, 200, 500)
_ROUNDS = 3


async def seconds_for(bot: BotProcess, texts: list[str]) -> float:
    """Post a thread of ``texts``, ask about it, and return the seconds until the answer."""
    workspace = bot.workspace
    general, thread = workspace.state.channels[workspace.channel_id("general")], None
    for text in texts:
        posted = workspace.messages.post(general, bot.user, text, thread_ts=thread)
        thread = thread or posted.ts

    def is_answered() -> bool:
        answers = (m for m in workspace.seen_by(bot.user, general.id) if m.user == workspace.bot_user_id)
        return any(m.thread_ts == thread and m.text != READING.text for m in answers)

    started = time.perf_counter()
    await workspace.post(bot.user, general.id, f"<@{workspace.bot_user_id}> thread", thread_ts=thread)
    await workspace.until(is_answered, timeout=120)
    return time.perf_counter() - started


async def measure() -> dict[int, float]:
    """Return the median seconds for each length of a thread."""
    texts = iter(as_in_chat(_ROUNDS * sum(_LENGTHS)))
    found: dict[int, list[float]] = {length: [] for length in _LENGTHS}
    async with run_bot(settings={"FEATURES": "threads"}) as bot:
        for _ in range(_ROUNDS):
            for length in _LENGTHS:
                found[length].append(await seconds_for(bot, [next(texts) for _ in range(length)]))
    return {length: statistics.median(values) for length, values in found.items()}


def main() -> None:
    """Run the benchmark."""
    found = asyncio.run(measure())
    rows = [(f"{length} messages", f"{seconds:.2f} s") for length, seconds in found.items()]
    show("Question about a thread: median time until the answer", ("", "seconds"), rows)
    keep("threads", {"seconds": found})


if __name__ == "__main__":
    main()
