"""Signed HTTP under attack: how quickly the bot answers meanwhile, and how much memory and how many files it takes.

    python -m benchmarks.http_attack [--connections 10000] [--seconds 15] [--only bodies|idle|installations]

1. Bodies: 500 connections send a well-formed but wrong signature and all of a body except its last byte. Then 700 do
   the same, and each is opened again as soon as it is closed.
2. Idle: as many connections as this process may open.
3. Installations: 400 visitors of ``/slack/install`` come back with a code that they made up, again and again, while
   Slack takes 0.2 or 20 seconds to refuse it. Measured is the time from a person's command to the answer.

The bot may open 1,024 files.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet
from slack_sdk.signature import SignatureVerifier

from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.transport.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH, build_manifest
from bot.store.database import IN_MEMORY
from slack_emulator import ApiFault, Workspace, serve

DEADLINE = 3.0
"""Seconds after which Slack treats a request as failed."""

BODY_SIZES = (1_000_000, 200_000)
SLACK_SECONDS = (0.2, 20)
OPEN_FILES = 1024


@dataclass(frozen=True)
class BotProcess:
    """A bot that serves signed HTTP in a process of its own."""

    port: int
    pid: int
    workspace: Workspace

    def memory(self) -> float:
        """Return the resident memory in MB (Linux only)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def open_files(self) -> int:
        """Return the number of open files (Linux only)."""
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    async def challenge(self) -> float:
        """Send one signed request over a new connection; return the seconds until the answer, infinite if it fails."""
        challenge, timestamp = os.urandom(8).hex(), str(int(time.time()))
        body = json.dumps({"type": "url_verification", "challenge": challenge})
        signature = SignatureVerifier(self.workspace.signing_secret).generate_signature(timestamp=timestamp, body=body)
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

    async def command(self) -> float:
        """Use the slash command; return the seconds until the person sees the answer, infinite if it is missing."""
        workspace, ana, channel = self.workspace, self.workspace.user_id("ana"), self.workspace.channel_id("general")
        before, started = len(workspace.seen_by(ana, channel)), time.perf_counter()
        try:
            await workspace.command(ana, channel, "/sentiment", "I love this")
            await workspace.until(lambda: len(workspace.seen_by(ana, channel)) > before, timeout=30)
        except (AssertionError, TimeoutError):
            return float("inf")
        return time.perf_counter() - started


@asynccontextmanager
async def running_bot() -> AsyncIterator[BotProcess]:
    """Start the bot, installed over OAuth in an emulated workspace."""
    port = unused_port()
    address = f"http://127.0.0.1:{port}"
    manifest = build_manifest(enabled(ALL_FEATURES, ()), address, many_workspaces=True)
    workspace = Workspace(manifest, installed=False)
    async with serve(workspace, events_url=f"{address}{EVENTS_PATH}") as slack:
        environment = {
            **os.environ,
            "PORT": str(port),
            "SLACK_CLIENT_ID": workspace.oauth_app.client_id,
            "SLACK_CLIENT_SECRET": workspace.oauth_app.client_secret,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SECRETS_KEY": Fernet.generate_key().decode(),
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": IN_MEMORY,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run", "--http"),
            env=environment,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES)),
        )
        assert process.stderr  # noqa: S101 - for mypy
        while b"serving" not in await process.stderr.readline():
            pass
        log = asyncio.create_task(process.stderr.read())  # so that the pipe never fills
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
                code = workspace.oauth_app.create_code(workspace, workspace.user_id("ana"))
                assert await visit(browser, address, code) == 200  # noqa: S101 - otherwise nothing can be measured
            bot = BotProcess(port, process.pid, workspace)
            await bot.command()
            yield bot
        finally:
            process.terminate()
            await process.wait()
            print(f"  log {len(await log) / 1000:.0f} KB", flush=True)


async def visit(browser: aiohttp.ClientSession, address: str, code: str) -> int:
    """Start an installation and come back with a code; return the status of the last page."""
    async with browser.get(f"{address}{INSTALL_PATH}", allow_redirects=False) as start:
        cookie = start.cookies["installing"].value
        state = parse_qs(urlsplit(start.headers["Location"]).query)["state"][0]
    query, headers = urlencode({"code": code, "state": state}), {"Cookie": f'installing="{cookie}"'}
    async with browser.get(f"{address}{REDIRECT_PATH}?{query}", headers=headers) as page:
        return page.status


class Measurements:
    """Latencies, memory and open files, measured while an attack runs; ``ask`` returns the latency of one request."""

    def __init__(self, bot: BotProcess, ask: Callable[[], Coroutine[Any, Any, float]]) -> None:
        self._bot = bot
        self._ask = ask
        self._before = self._peak = bot.memory()
        self._files = bot.open_files()
        self._latencies: list[float] = []

    async def measure(self) -> None:
        """Make one request and take one reading of memory and open files."""
        self._latencies.append(await self._ask())
        self._peak = max(self._peak, self._bot.memory())
        self._files = max(self._files, self._bot.open_files())

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
        print(f"{title}: {len(latencies)} answers, {failed} failed, {late} later than {DEADLINE:.0f} s;", end=" ")
        print(f"p50 {latencies[len(latencies) // 2]:.3f} s, p99 {p99:.3f} s, slowest {latencies[-1]:.3f} s")
        print(f"  memory {self._before:.0f} MB before, {self._peak:.0f} MB at most,", end=" ")
        print(f"{self._bot.memory():.0f} MB after; {self._files} open files at most", flush=True)


async def idle(count: int) -> None:
    """Open ``count`` connections that never send a whole request."""
    async with running_bot() as bot:
        report, connections = Measurements(bot, bot.challenge), []
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


async def send_bodies(connections: int, body_size: int, seconds: float, *, reopen: bool) -> None:
    """Measure signed requests while another process sends unfinished ones."""
    async with running_bot() as bot:
        report = Measurements(bot, bot.challenge)
        await measure_during(report, partial(run_sender, bot.port, connections, body_size, seconds, reopen), seconds)
        kind = "reconnecting" if reopen else "held"
        report.show(f"{connections} connections with bodies of {body_size} bytes, {kind}")


async def install_with_invalid_codes(visitors: int, slack_seconds: float, seconds: float) -> None:
    """Measure commands while another process installs the bot with codes that it made up."""
    async with running_bot() as bot:
        report = Measurements(bot, bot.command)
        bot.workspace.faults.add(ApiFault("oauth.v2.access", error="invalid_code", wait=slack_seconds, times=None))
        await measure_during(report, partial(run_visitors, bot.port, visitors, seconds), seconds)
        report.show(f"{visitors} visitors with codes that Slack refuses after {slack_seconds} s")


async def measure_during(report: Measurements, attack: Callable[[], None], seconds: float) -> None:
    """Measure while another process runs ``attack``."""
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    attacker = context.Process(target=signal_and_run, args=(started, attack))
    attacker.start()
    await asyncio.to_thread(started.wait)  # on a busy machine, a process takes a while to start
    await report.measure_for(seconds)
    attacker.join()
    await asyncio.sleep(1)


def signal_and_run(started: Event, attack: Callable[[], None]) -> None:
    """Signal that this process is ready, and run ``attack``."""
    started.set()
    attack()


def run_sender(port: int, connections: int, body_size: int, seconds: float, reopen: bool) -> None:
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

    asyncio.run(repeat(one, connections, seconds))


def run_visitors(port: int, visitors: int, seconds: float) -> None:
    """Install the bot with codes that nobody issued."""

    async def one() -> None:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=2),  # then the visitor leaves, and comes again
        ) as browser:
            while True:
                with suppress(aiohttp.ClientError, TimeoutError):
                    await visit(browser, f"http://127.0.0.1:{port}", os.urandom(8).hex())

    asyncio.run(repeat(one, visitors, seconds))


async def repeat(one: Callable[[], Coroutine[Any, Any, None]], count: int, seconds: float) -> None:
    """Run ``count`` times ``one`` at once, for a time at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(one() for _ in range(count)))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--only", choices=("bodies", "idle", "installations"))
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if arguments.only in (None, "bodies"):
        for body_size in BODY_SIZES:
            asyncio.run(send_bodies(500, body_size, arguments.seconds, reopen=False))
            asyncio.run(send_bodies(700, body_size, arguments.seconds, reopen=True))
    if arguments.only in (None, "idle"):
        asyncio.run(idle(min(arguments.connections, hard - 500)))
    if arguments.only in (None, "installations"):
        for slack_seconds in SLACK_SECONDS:
            asyncio.run(install_with_invalid_codes(400, slack_seconds, arguments.seconds))


if __name__ == "__main__":
    main()
