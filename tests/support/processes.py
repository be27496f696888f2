"""Programs that tests run in processes of their own."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

HEARD: list[bytes] = []
"""All that the programs have printed since it was emptied last."""


@asynccontextmanager
async def process(*command: str, environment: Mapping[str, str], cwd: Path | None = None) -> AsyncIterator[Process]:
    """Run a program with an addition to its environment, and end it in any case."""
    started = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env={**os.environ, **environment}, stdout=PIPE, stderr=PIPE
    )
    for stream in (started.stdout, started.stderr):
        assert stream
        _overhear(stream)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


def _overhear(stream: asyncio.StreamReader) -> None:
    """Keep what comes, besides giving it to whoever reads the stream."""
    feed = stream.feed_data

    def feed_and_keep(data: bytes) -> None:
        HEARD.append(data)
        feed(data)

    stream.feed_data = feed_and_keep  # type: ignore[method-assign,assignment]
