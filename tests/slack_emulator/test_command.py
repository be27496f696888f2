"""The command `workspace --empty`: the emulator as a process of its own, with different SDKs."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.support.processes import process

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "bolt-js"


async def read_until(program: Process, text: str) -> str:
    """Return the output of a program up to a line that contains `text`; fail if the program ends before."""
    assert program.stdout
    assert program.stderr
    read = ""
    async with asyncio.timeout(60):
        while line := (await program.stdout.readline()).decode():
            read += line
            if text in line:
                return read
    raise AssertionError((await program.stderr.read()).decode())


@dataclass(frozen=True)
class Emulator:
    """A running emulator, and the environment that it has printed."""

    url: str
    environment: dict[str, str]
    process: Process

    async def perform(self, name: str, **arguments: object) -> Any:  # noqa: ANN401 - the action's own result
        """Perform an action of the control API that must succeed."""
        headers = {"X-Control-Token": self.environment["CONTROL_TOKEN"]}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.url}/control/{name}", json=arguments) as response,
        ):
            answer = await response.json()
            assert answer["ok"], answer
            return answer["result"]

    async def check_replies(self) -> None:
        """Check that the app replies to a command and to a mention."""
        overview = await self.perform("overview")
        ana = overview["users"][0]["id"]
        general = next(channel["id"] for channel in overview["channels"] if channel["name"] == "general")
        outcome = await self.perform("command", user=ana, channel=general, command="/hello", text="world")
        assert outcome["error"] is None
        ts = await self.perform("post", user=ana, channel=general, text=f"<@{overview['bot_user_id']}> hi")
        async with asyncio.timeout(10):
            while len(seen := await self.perform("seen", user=ana, channel=general)) < 3:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.02)
        command, _, reply = seen
        assert (command["text"], command["ephemeral"]) == ("Hello, world", True)
        assert (reply["text"], reply["thread_ts"]) == (f"Hello <@{ana}>", ts)

    async def check_agent(self) -> None:
        """Check that the app suggests prompts, knows what is open beside it, and can be stopped."""
        overview = await self.perform("overview")
        ana = overview["users"][0]["id"]
        channels = {channel["name"]: channel["id"] for channel in overview["channels"]}
        dm, general = channels["ana"], channels["general"]
        await self.perform("look_at", user=ana, channel=general)
        await self.perform("open_home", user=ana, tab="messages")
        agent = await self._until(lambda agent: agent["prompts"], ana)
        assert agent["prompts"]["title"] == "Hello"
        ts = await self.perform("post", user=ana, channel=dm, text="where")
        async with asyncio.timeout(10):
            while len(seen := await self.perform("seen", user=ana, channel=dm)) < 2:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.02)
        assert (seen[-1]["text"], seen[-1]["thread_ts"]) == (f"{general} {general}", ts)
        agent = await self._until(lambda agent: agent["sessions"], ana)
        assert agent["sessions"] == {ts: {"status": "processing", "title": "A place"}}
        await self.perform("stop_session", user=ana, thread_ts=ts)
        await self._until(lambda agent: agent["sessions"][ts]["status"] == "active", ana)

    async def _until(self, condition: Callable[[Any], object], user: str) -> Any:  # noqa: ANN401 - any JSON
        """Wait until the agent view of a user meets a condition, and return it."""
        async with asyncio.timeout(10):
            while not condition(agent := await self.perform("agent", user=user)):  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.02)
        return agent


@asynccontextmanager
async def start(*arguments: str) -> AsyncIterator[Emulator]:
    """Start the emulator on a free port, and parse its output."""
    command = (sys.executable, "-m", "bot", "workspace", "--empty", *arguments)
    async with process(*command, environment={"PORT": str(unused_port())}) as started:
        output = await read_until(started, "Ctrl-C stops")
        address = re.search(r"http://[\d.]+:\d+", output)
        assert address
        yield Emulator(address[0], dict(re.findall(r"^([A-Z_]+)=(\S+)$", output, re.MULTILINE)), started)


@pytest.fixture(scope="session")
def bolt_js() -> Path:
    """Install Bolt for JavaScript once into a cache folder, and return the folder."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        pytest.skip("Node.js with npm is not installed")
    lock = (HERE / "javascript" / "package-lock.json").read_text()
    if not (CACHE / "installed").exists() or (CACHE / "installed").read_text() != lock:
        CACHE.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "javascript" / name, CACHE)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
        try:
            subprocess.run(command, cwd=CACHE, check=True, capture_output=True, text=True, timeout=180)  # noqa: S603 - npm
        except subprocess.CalledProcessError as failure:
            reason = next((line for line in failure.stderr.splitlines() if line.startswith("npm error")), "no reason")
            pytest.skip(f"npm cannot install @slack/bolt: {reason}")
        except subprocess.TimeoutExpired:
            pytest.skip("npm cannot install @slack/bolt: no answer within three minutes")
        (CACHE / "installed").write_text(lock)
    shutil.copy(HERE / "javascript" / "app.js", CACHE)
    return CACHE


async def test_bolt_for_python_sync() -> None:
    """The synchronous Bolt for Python connects with the printed environment."""
    async with (
        start() as emulator,
        process(sys.executable, str(HERE / "sync_app.py"), environment=emulator.environment) as app,
    ):
        await read_until(app, "connected")
        await emulator.check_replies()


async def test_bolt_for_javascript(bolt_js: Path) -> None:
    """Bolt for JavaScript connects with the printed environment, and can be an agent."""
    async with start() as emulator, process("node", "app.js", cwd=bolt_js, environment=emulator.environment) as app:
        await read_until(app, "connected")
        await emulator.check_replies()
        await emulator.check_agent()


async def test_manifest(tmp_path: Path) -> None:
    """A client posts as the app of a manifest file; Ctrl-C ends the emulator without an error."""
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        '{"display_information": {"name": "Post"}, "oauth_config": {"scopes": {"bot": ["chat:write"]}}}'
    )
    async with start("--manifest", str(manifest)) as emulator:
        client = WebClient(emulator.environment["SLACK_BOT_TOKEN"], base_url=emulator.environment["SLACK_API_URL"])
        answer = await asyncio.to_thread(client.chat_postMessage, channel="#general", text="hi")
        assert answer["ok"]
        overview = await emulator.perform("overview")
        assert (overview["app"], overview["commands"]) == ("Post", [])
        emulator.process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(emulator.process.communicate(), 20)
    assert (emulator.process.returncode, err) == (0, b"")


async def test_request_url(tmp_path: Path) -> None:
    """With --request-url the app receives HTTP requests, signed with the printed secret."""
    port = unused_port()
    code = f"""
import os
from slack_bolt import App
from slack_sdk import WebClient
app = App(client=WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
          signing_secret=os.environ["SLACK_SIGNING_SECRET"])
app.command("/hello")(lambda ack, command: ack("Hello, " + command["text"]))
app.event("app_mention")(lambda event, say: say(text=f"Hello <@{{event['user']}}>", thread_ts=event["ts"]))
print("connected", flush=True)
app.start(port={port})
"""
    async with (
        start("--request-url", f"http://127.0.0.1:{port}/slack/events") as emulator,
        process(sys.executable, "-c", code, environment=emulator.environment) as app,
    ):
        await read_until(app, "Bolt app is running")
        await emulator.check_replies()


async def test_organization() -> None:
    """With --organization one app works in two workspaces, each with a page, until it is removed from one."""
    async with (
        start("--organization") as acme,
        process(sys.executable, str(HERE / "sync_app.py"), environment=acme.environment) as app,
    ):
        await read_until(app, "connected")
        environment = acme.environment
        globex = Emulator(
            environment["GLOBEX_URL"], {"CONTROL_TOKEN": environment["GLOBEX_CONTROL_TOKEN"]}, acme.process
        )
        for workspace in (acme, globex):
            await workspace.check_replies()
        client = WebClient(environment["SLACK_BOT_TOKEN"], base_url=environment["SLACK_API_URL"])
        assert await asyncio.to_thread(teams, client) == ["Acme", "Globex"]
        await globex.perform("revoke_access")
        assert await asyncio.to_thread(teams, client) == ["Acme"]
        await globex.perform("grant")
        assert await asyncio.to_thread(teams, client) == ["Acme", "Globex"]
        await acme.perform("uninstall_organization")
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await asyncio.to_thread(teams, client)


def teams(client: WebClient) -> list[str]:
    """Return the names of the workspaces that have the app."""
    return [team["name"] for team in client.auth_teams_list()["teams"]]
