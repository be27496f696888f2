"""A bot in a process of its own, in a workspace of this one."""

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

BOT = ("-m", "benchmarks.hasty_bot")
LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
WARM_UP = 100
"""Messages answered before any clock starts: by then connections are open and code is in memory."""


@dataclass
class Running:
    """A bot at work, and the direct message in which it is asked."""

    workspace: Workspace
    process: asyncio.subprocess.Process
    user: str
    dm: str

    async def post(self, text: str) -> None:
        """Send the bot a direct message."""
        await self.workspace.post(self.user, self.dm, text)

    async def answered(self, count: int) -> None:
        """Wait until as many messages as ``count`` have been answered with a label, all in all."""

        def done() -> bool:
            said = [m.text for m in self.workspace.seen_by(self.user, self.dm)]
            return sum(text.startswith(LABELS) for text in said) >= count

        async with asyncio.timeout(300):
            while not done():  # noqa: ASYNC110 - looked at rarely, as looking at every change would cost much
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(command: Sequence[str] = BOT, settings: Mapping[str, str] | None = None) -> AsyncIterator[Running]:
    """Start a bot in a workspace of its own, warm it up, and stop it behind the block.

    Args:
        command: what follows ``python`` to start it.
        settings: environment variables that it gets besides those that lead it to the workspace.
    """
    workspace = Workspace(build_manifest(enabled(ALL_FEATURES, ())))
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
            await workspace.until(lambda: any(one.kind == "socket" for one in workspace.log), timeout=120)
            bot = Running(workspace, process, workspace.user_id("ana"), workspace.dm_id("ana"))
            for text in of_length(20, WARM_UP, seed=-1):
                await bot.post(text)
            await bot.answered(WARM_UP)
            yield bot
        finally:
            process.terminate()
            await process.wait()
