"""The HTTP door while thousands of connections hang: how soon it still answers Slack, and what memory they leave.

    python -m benchmarks.hanging [--connections 10000]

As many hang as this process may open files; the bot itself has the machine's usual limit.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path

import aiohttp
from aiohttp.test_utils import unused_port
from slack_sdk.signature import SignatureVerifier

from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.transport.http import PATH
from bot.slack.transport.manifest import build_manifest
from slack_emulator import Workspace, serve

LATE = 3.0
"""Seconds after which Slack counts an answer as missing."""


def resident(process: int) -> float:
    """Return the memory of a process on Linux, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def ask(session: aiohttp.ClientSession, url: str, secret: str, challenge: str) -> float:
    """Send one signed request, and return how many seconds its answer took."""
    body, timestamp = json.dumps({"type": "url_verification", "challenge": challenge}), str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}
    started = time.perf_counter()
    async with session.post(url, data=body, headers=headers | {"Content-Type": "application/json"}) as response:
        if response.status != 200 or challenge not in await response.text():
            raise RuntimeError(f"the bot answered {response.status}")
    return time.perf_counter() - started


async def measure(count: int) -> None:
    """Open ``count`` connections that hang, ask meanwhile, and print what came of it."""
    workspace, port = Workspace(build_manifest(enabled(ALL_FEATURES, ()), "https://bot.example.com")), unused_port()
    url = f"http://127.0.0.1:{port}{PATH}"
    async with serve(workspace) as slack, aiohttp.ClientSession() as session:
        environment = {
            **os.environ,
            "PORT": str(port),
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
        arguments = [sys.executable, "-m", "bot", "run", "--http"]
        bot = await asyncio.create_subprocess_exec(*arguments, env=environment, stderr=asyncio.subprocess.PIPE)
        try:
            assert bot.stderr  # noqa: S101 - for mypy
            while b"serving" not in await bot.stderr.readline():
                pass
            await ask(session, url, workspace.signing_secret, "first")
            before, took, hanging = resident(bot.pid), [], []
            for i in range(count):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write((b"", b"POST ", f"POST {PATH} HTTP/1.1\r\nHost: x\r\n".encode())[i % 3])
                hanging.append(writer)
                if i % 100 == 0:
                    took.append(await ask(session, url, workspace.signing_secret, str(i)))
            during = resident(bot.pid)
            for writer in hanging:
                writer.transport.abort()
            await asyncio.sleep(1)
            after = resident(bot.pid)
        finally:
            bot.terminate()
            await bot.communicate()
    late = sum(one > LATE for one in took)
    print(
        f"{count} connections hung; {len(took)} requests meanwhile, slowest {max(took):.3f} s, later than 3 s: {late}"
    )
    print(f"memory before {before:.0f} MB, with them {during:.0f} MB, after {after:.0f} MB ({after / before - 1:+.1%})")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(measure(min(parser.parse_args().connections, hard - 500)))


if __name__ == "__main__":
    main()
