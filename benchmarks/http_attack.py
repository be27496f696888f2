"""Signed HTTP under attack: how quickly Slack's requests are answered meanwhile, and how much memory the bot takes.

    python -m benchmarks.http_attack [--connections 10000] [--seconds 15]

1. Idle connections: as many as this process may open; the bot keeps the machine's usual limit of open files.
2. Held bodies: 500 connections send a well-formed but wrong signature and all of a body except its last byte.
3. Reconnecting: 700 connections do the same, and each is opened again as soon as it is closed.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp.test_utils import unused_port
from slack_sdk.signature import SignatureVerifier

from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.transport.manifest import EVENTS_PATH, build_manifest
from slack_emulator import Workspace, serve

DEADLINE = 3.0
"""Seconds after which Slack treats a request as failed."""

BODY_SIZES = (1_000_000, 200_000)


@dataclass(frozen=True)
class BotProcess:
    """A bot that serves signed HTTP in a process of its own."""

    port: int
    pid: int
    secret: str

    def memory(self) -> float:
        """Return the resident memory in MB (Linux only)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    async def ask(self, challenge: str) -> float:
        """Send one signed request over a new connection; return the seconds until the answer, infinite if it fails."""
        body, timestamp = json.dumps({"type": "url_verification", "challenge": challenge}), str(int(time.time()))
        signature = SignatureVerifier(self.secret).generate_signature(timestamp=timestamp, body=body)
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}
        url = f"http://127.0.0.1:{self.port}{EVENTS_PATH}"
        started = time.perf_counter()
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session,
                session.post(url, data=body, headers=headers | {"Content-Type": "application/json"}) as response,
            ):
                answered = response.status == 200 and challenge in await response.text()
        except (aiohttp.ClientError, TimeoutError):
            answered = False
        return time.perf_counter() - started if answered else float("inf")


@asynccontextmanager
async def running_bot() -> AsyncIterator[BotProcess]:
    """Start the bot against an emulated Slack."""
    workspace, port = Workspace(build_manifest(enabled(ALL_FEATURES, ()), "https://bot.example.com")), unused_port()
    async with serve(workspace) as slack:
        environment = {
            **os.environ,
            "PORT": str(port),
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
        arguments = [sys.executable, "-m", "bot", "run", "--http"]
        process = await asyncio.create_subprocess_exec(*arguments, env=environment, stderr=asyncio.subprocess.PIPE)
        assert process.stderr  # noqa: S101 - for mypy
        while b"serving" not in await process.stderr.readline():
            pass
        log = asyncio.create_task(process.stderr.read())  # so that the pipe never fills
        try:
            bot = BotProcess(port, process.pid, workspace.signing_secret)
            await bot.ask("first")
            yield bot
        finally:
            process.terminate()
            await process.wait()
            await log


class Measurements:
    """Latencies and memory, measured while an attack runs."""

    def __init__(self, bot: BotProcess) -> None:
        self._bot = bot
        self._before = self._peak = bot.memory()
        self._latencies: list[float] = []

    async def measure(self) -> None:
        """Send one signed request and take one reading of the memory."""
        self._latencies.append(await self._bot.ask(str(len(self._latencies))))
        self._peak = max(self._peak, self._bot.memory())

    async def measure_for(self, seconds: float) -> None:
        """Measure for a time, 20 times a second at most."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.measure()
            await asyncio.sleep(0.05)

    def show(self, title: str) -> None:
        """Print the figures."""
        latencies = sorted(self._latencies)
        p99 = latencies[int(len(latencies) * 0.99)]
        failed, late = latencies.count(float("inf")), sum(latency > DEADLINE for latency in latencies)
        print(
            f"{title}: {len(latencies)} signed requests, {failed} failed, {late} later than {DEADLINE:.0f} s;", end=" "
        )
        print(f"p50 {latencies[len(latencies) // 2]:.3f} s, p99 {p99:.3f} s, slowest {latencies[-1]:.3f} s")
        print(f"  memory {self._before:.0f} MB before, {self._peak:.0f} MB at most,", end=" ")
        print(f"{self._bot.memory():.0f} MB after", flush=True)


async def idle(count: int) -> None:
    """Open ``count`` connections that never send a whole request."""
    async with running_bot() as bot:
        report, connections = Measurements(bot), []
        for i in range(count):
            _, writer = await asyncio.open_connection("127.0.0.1", bot.port)
            writer.write((b"", b"POST ", f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: x\r\n".encode())[i % 3])
            connections.append(writer)
            if i % 100 == 0:
                await report.measure()
        for writer in connections:
            writer.transport.abort()
        await asyncio.sleep(1)
        report.show(f"{count} idle connections")


async def attack(connections: int, body_size: int, seconds: float, *, reopen: bool) -> None:
    """Measure while another process sends unfinished requests."""
    async with running_bot() as bot:
        report = Measurements(bot)
        attacker = multiprocessing.get_context("spawn").Process(
            target=run_attacker, args=(bot.port, connections, body_size, seconds, reopen)
        )
        attacker.start()
        await report.measure_for(seconds + 2)  # the process takes a moment to start
        attacker.join()
        await asyncio.sleep(1)
        kind = "reconnecting" if reopen else "held"
        report.show(f"{connections} connections with bodies of {body_size} bytes, {kind}")


def run_attacker(port: int, connections: int, body_size: int, seconds: float, reopen: bool) -> None:
    """Send unfinished requests over many connections at once."""
    head = (
        f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: x\r\nX-Slack-Request-Timestamp: {int(time.time())}\r\n"
        f"X-Slack-Signature: v0={'0' * 64}\r\nContent-Length: {body_size}\r\n\r\n"
    ).encode()
    unfinished = head + b"x" * (body_size - 1)

    async def one() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(unfinished)
                    await reader.read()
                finally:
                    writer.transport.abort()
            if not reopen:
                return

    async def all_at_once() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(one() for _ in range(connections)))

    asyncio.run(all_at_once())


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for body_size in BODY_SIZES:
        asyncio.run(attack(500, body_size, arguments.seconds, reopen=False))
        asyncio.run(attack(700, body_size, arguments.seconds, reopen=True))
    asyncio.run(idle(min(arguments.connections, hard - 500)))


if __name__ == "__main__":
    main()
