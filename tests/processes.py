"""Programs that tests run in processes of their own."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def process(*command: str, environment: Mapping[str, str], cwd: Path | None = None) -> AsyncIterator[Process]:
    """Run a program with an addition to its environment, and end it in any case."""
    started = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env={**os.environ, **environment}, stdout=PIPE, stderr=PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()
