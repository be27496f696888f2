"""The commands of the README and of docs/command-line.md work."""

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from bot.settings import FEATURES
from slack_emulator import Workspace, serve
from tests.support import processes
from tests.support.manifests import manifest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = README + (ROOT / "docs" / "command-line.md").read_text("utf-8")
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

COMMAND = re.compile(r"([A-Z_]+=\S+ )*(make|cp|printf|docker|(\.venv/bin/)?(pip|python -m bot|sentiment-bot)) .+")
READY = re.compile(rb"serving over|in a browser")


def commands() -> Iterator[str]:
    """Yield the lines of the shell blocks of the pages, and their inline code."""
    fence = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for match in fence.finditer(PAGES):
        if match[1] == "sh":
            yield from (re.sub(r"\s+#.*", "", line) for line in match[2].splitlines())
    yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", fence.sub("", PAGES)))


COMMANDS = list(dict.fromkeys(command for command in commands() if COMMAND.fullmatch(command)))
MAKE = [command for command in COMMANDS if re.search(r"\bmake ", command)]
EXTRA = [command for command in COMMANDS if " install " in command]
IMAGE = [command for command in COMMANDS if command.startswith("docker")]
# Covered by tests/sentiment/cluster, since a cluster takes a while to start.
CLUSTER = [command for command in COMMANDS if "cluster" in command.lower() and command not in EXTRA]
SERVING = [
    command for command in COMMANDS if re.search(r"bot run|workspace --empty", command) and command not in CLUSTER
]
ENDING = [command for command in COMMANDS if command not in {*MAKE, *EXTRA, *IMAGE, *CLUSTER, *SERVING}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with what the README requires: the environment, an export and labelled texts."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".env.example").write_bytes((ROOT / ".env.example").read_bytes())
    (tmp_path / "messages.csv").write_text("author,text\nana,I love this\n")
    (tmp_path / "labelled.tsv").write_text("I love this\tPOSITIVE\nI hate this\tNEGATIVE\n")
    texts = ("the deploy failed again, I hate this", "thanks, lovely work", "the meeting is at five")
    day = [
        {"type": "message", "user": f"U{i % 7}", "text": texts[i % 3], "ts": f"{1_768_000_000 + 60 * i}.000000"}
        for i in range(60)
    ]
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as export:
        export.writestr("channels.json", json.dumps([{"id": "C1", "name": "general"}]))
        export.writestr("users.json", "[]")
        export.writestr("general/2026-01-09.json", json.dumps(day))
    return tmp_path


@pytest.fixture
async def environment() -> AsyncIterator[dict[str, str]]:
    """Serve a workspace; yield the environment variables of a bot for it."""
    workspace = Workspace(manifest(features=FEATURES))
    async with serve(workspace) as server:
        yield {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SLACK_API_URL": server.api_url,
            "PORT": str(unused_port()),
            "FEATURES": ",".join(FEATURES),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }


def test_commands() -> None:
    """The pages name every command of the program, and docs/command-line.md has a section on each."""
    words = {word for command in COMMANDS for word in shlex.split(command)}
    shown = subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=True).stdout
    names = set(re.findall(r"^  ([a-z]+)  ", shown.partition("Commands:")[2], re.MULTILINE))
    assert names <= words
    assert sorted(re.findall(r"^## `([a-z]+)`", PAGES, re.MULTILINE)) == sorted(names)
    assert len(ENDING) > 8


@pytest.mark.parametrize("command", ENDING)
async def test_command(command: str, folder: Path, environment: dict[str, str]) -> None:
    """A command that ends succeeds."""
    typed = command.replace("U…", "U024BE7LH")
    async with processes.process("sh", "-c", typed, cwd=folder, environment=environment) as process:
        _, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, err.decode()


def test_python(tmp_path: Path) -> None:
    """The README's code for Python runs."""
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert done.stdout.startswith("POSITIVE 0.9")


@pytest.mark.parametrize("command", SERVING)
async def test_server(command: str, folder: Path, environment: dict[str, str]) -> None:
    """A command that serves reports when it is ready, and ends at SIGTERM."""
    async with processes.process("sh", "-c", f"exec {command} 2>&1", cwd=folder, environment=environment) as process:
        assert process.stdout
        async with asyncio.timeout(120):
            while not READY.search(line := await process.stdout.readline()):
                assert line, "the command ended"
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0


@pytest.mark.parametrize("command", MAKE)
def test_make_target(command: str) -> None:
    """The Makefile has the README's targets."""
    typed = command.replace("make ", "make --dry-run ", 1)
    subprocess.run(["sh", "-c", typed], cwd=ROOT, check=True, capture_output=True)  # noqa: S603,S607 - from our README


@pytest.mark.parametrize("command", EXTRA)
def test_extra(command: str) -> None:
    """The extras that the README installs exist."""
    found = re.search(r"\[(\w+)\]", command)
    assert found
    assert found[1] in EXTRAS


@pytest.mark.parametrize("command", IMAGE)
def test_docker_command(command: str) -> None:
    """The Docker command is the one in the Dockerfile; no image is built here."""
    assert f"#   {command}\n" in (ROOT / "Dockerfile").read_text("utf-8")
