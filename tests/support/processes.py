"""Programs that tests run in their own processes."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

OUTPUT: list[bytes] = []
"""Everything that the programs have printed since the list was last cleared."""


@asynccontextmanager
async def process(*command: str, environment: Mapping[str, str], cwd: Path | None = None) -> AsyncIterator[Process]:
    """Run a program with additional environment variables, and kill it at the end of the block."""
    started = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env={**os.environ, **environment}, stdout=PIPE, stderr=PIPE
    )
    for stream in (started.stdout, started.stderr):
        assert stream
        _record(stream)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


def bot_process(*arguments: str, **environment: str) -> AbstractAsyncContextManager[Process]:
    """Run a command of the bot."""
    return process(sys.executable, "-u", "-m", "bot", *arguments, environment=environment)


async def line_with(stream: asyncio.StreamReader | None, words: str) -> str:
    """Read lines until one contains ``words``; return that line."""
    assert stream
    async with asyncio.timeout(120):
        while line := await stream.readline():
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"no line said {words!r}")


async def poll(condition: Callable[[], bool]) -> None:
    """Wait for a condition that nothing signals."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - nothing signals it
            await asyncio.sleep(0.02)


def _record(stream: asyncio.StreamReader) -> None:
    """Copy what arrives on a stream to ``OUTPUT``."""
    feed = stream.feed_data

    def feed_and_record(data: bytes) -> None:
        OUTPUT.append(data)
        feed(data)

    stream.feed_data = feed_and_record  # type: ignore[method-assign,assignment]
