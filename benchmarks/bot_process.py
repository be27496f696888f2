"""A bot in a process of its own, connected to an emulated workspace in this process."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.texts import of_length
from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.transport.manifest import build_manifest
from bot.store.database import IN_MEMORY
from slack_emulator import Workspace, serve

BOT = ("-m", "benchmarks.fast_bot")
LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
WARM_UP = 100
"""The number of messages that are answered before anything is measured."""


@dataclass
class BotProcess:
    """A running bot, and a direct message with it."""

    workspace: Workspace
    process: asyncio.subprocess.Process
    user: str
    dm: str

    async def post(self, text: str) -> None:
        """Send the bot a direct message."""
        await self.workspace.post(self.user, self.dm, text)

    async def wait_for_answers(self, count: int) -> None:
        """Wait until ``count`` messages have been answered with a label, including the warm-up."""

        def is_answered() -> bool:
            texts = [m.text for m in self.workspace.seen_by(self.user, self.dm)]
            return sum(text.upper().startswith(LABELS) for text in texts) >= count

        async with asyncio.timeout(300):
            while not is_answered():  # noqa: ASYNC110 - checking after every change would take too much CPU
                await asyncio.sleep(0.02)


@asynccontextmanager
async def run_bot(command: Sequence[str] = BOT, settings: Mapping[str, str] | None = None) -> AsyncIterator[BotProcess]:
    """Run a bot in a new workspace inside the block, and warm it up.

    Args:
        command: the arguments of ``python``.
        settings: environment variables besides those for the connection to the workspace.
    """
    features = (settings or {}).get("FEATURES", "").split(",")
    workspace = Workspace(build_manifest(enabled(ALL_FEATURES, features)))
    async with serve(workspace) as server:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SENTIMENT_")} | {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": server.api_url,
            "DATABASE_URL": IN_MEMORY,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env=environment | dict(settings or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await workspace.until(lambda: any(exchange.kind == "socket" for exchange in workspace.log), timeout=120)
            bot = BotProcess(workspace, process, workspace.user_id("ana"), workspace.dm_id("ana"))
            for text in of_length(20, WARM_UP, seed=-1):
                await bot.post(text)
            await bot.wait_for_answers(WARM_UP)
            yield bot
        finally:
            process.terminate()
            await process.wait()
