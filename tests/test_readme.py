"""The commands, the code and the links of the README and of the pages in docs work."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sql
from aiohttp.test_utils import unused_port

from bot.settings import FEATURES
from bot.store.database import open_database
from bot.store.schema import optouts
from slack_emulator import Workspace, serve
from tests.support import processes
from tests.support.manifests import manifest

ROOT = Path(__file__).parents[1]
PAGES = {
    path: path.read_text("utf-8")
    for path in (
        *ROOT.glob("README*.md"),
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        *(ROOT / "docs").glob("*.md"),
    )
}
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"([A-Z_]+=\S+ )*(make|cp|printf|sqlite3|pg_dump|(\.venv/bin/)?(pip|python -m [a-z_.]+|sentiment-bot)) .+"
)
READY = re.compile(rb"serving over|in a browser")


def commands() -> Iterator[str]:
    """Yield the lines of the shell blocks of the pages, and their inline code; the program always by its short name."""
    for page in PAGES.values():
        blocks = [match[2] for match in FENCE.finditer(page) if match[1] == "sh"]
        lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
        inline = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", FENCE.sub("", page))]
        for line in [*lines, *inline]:
            if COMMAND.fullmatch(line):
                yield re.sub(r"\.venv/bin/(sentiment-bot|python -m bot)", "sentiment-bot", line)


COMMANDS = list(dict.fromkeys(commands()))
MAKE = [command for command in COMMANDS if re.search(r"\bmake ", command)]
EXTRA = [command for command in COMMANDS if re.search(r"\binstall -e ", command)]
TOOLS = [command for command in COMMANDS if re.match(r"(\S*pip|sqlite3|pg_dump|\S*python -m benchmarks)\b", command)]
# Covered by tests/sentiment/cluster, since a cluster takes a while to start.
CLUSTER = [command for command in COMMANDS if "cluster" in command.lower() and command not in EXTRA]
SERVING = [
    command for command in COMMANDS if re.search(r"-bot run|workspace --empty", command) and command not in CLUSTER
]
ENDING = [command for command in COMMANDS if command not in {*MAKE, *EXTRA, *TOOLS, *CLUSTER, *SERVING}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with what the pages require: the environment, an export, a table and labelled texts."""
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
    assert sorted(re.findall(r"^## `([a-z]+)`", PAGES[ROOT / "docs" / "command-line.md"], re.MULTILINE)) == sorted(
        names
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ENDING)
async def test_command(command: str, folder: Path, environment: dict[str, str]) -> None:
    """A command that ends succeeds."""
    typed = re.sub(r"\b([UCT])…", r"\g<1>024BE7LH", command)
    async with processes.process("sh", "-c", typed, cwd=folder, environment=environment) as process:
        _, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, err.decode()


@pytest.mark.slow
@pytest.mark.parametrize("command", SERVING)
async def test_server(command: str, folder: Path, environment: dict[str, str]) -> None:
    """A command that serves reports when it is ready, and ends at SIGTERM."""
    typed = command.partition(" | ")[0]
    async with processes.process("sh", "-c", f"exec {typed} 2>&1", cwd=folder, environment=environment) as process:
        assert process.stdout
        async with asyncio.timeout(120):
            while not READY.search(line := await process.stdout.readline()):
                assert line, "the command ended"
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0


@pytest.mark.parametrize("command", MAKE)
def test_make_target(command: str) -> None:
    """The Makefile has the target."""
    typed = command.replace("make ", "make --dry-run ", 1)
    subprocess.run(["sh", "-c", typed], cwd=ROOT, check=True, capture_output=True)  # noqa: S603,S607 - from our pages


@pytest.mark.parametrize("command", EXTRA)
def test_extra(command: str) -> None:
    """The extra that is installed exists."""
    found = re.search(r"\[(\w+)\]", command)
    assert found
    assert found[1] in EXTRAS


def test_benchmarks() -> None:
    """The benchmarks exist."""
    modules = re.findall(r"python -m (benchmarks\.\w+)", " ".join(COMMANDS))
    assert modules
    assert all(find_spec(module) for module in modules)


def test_python(folder: Path) -> None:
    """The code in docs/python.md runs."""
    assert run_python(PAGES[ROOT / "docs" / "python.md"], folder).startswith("POSITIVE 0.9")


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs sqlite3")
def test_backup_and_move(folder: Path) -> None:
    """The backup of SQLite has the data, and the script that moves it to another database keeps it."""
    with open_database(f"sqlite:///{folder}/sentiment-bot.db") as database:
        database.run_sync(lambda c: c.execute(sql.insert(optouts), {"team": "T1", "user": "U1"}))
    run_tool("sqlite3", folder)
    printed = run_python(PAGES[ROOT / "docs" / "operations.md"], folder, "sqlite:///backup.db", "sqlite:///new.db")
    assert "optouts 1" in printed


@pytest.mark.skipif(
    "TEST_DATABASE_URL" not in os.environ or not shutil.which("pg_dump"), reason="needs PostgreSQL and pg_dump"
)
def test_backup_of_postgresql(folder: Path) -> None:
    """The backup of PostgreSQL is written."""
    run_tool("pg_dump", folder, DATABASE_URL=os.environ["TEST_DATABASE_URL"])
    assert (folder / "backup.dump").stat().st_size > 0


def run_tool(name: str, folder: Path, **environment: str) -> None:
    """Run the one command of the pages that begins with ``name``."""
    (command,) = (command for command in COMMANDS if command.startswith(f"{name} "))
    subprocess.run(["sh", "-c", command], cwd=folder, env={**os.environ, **environment}, check=True)  # noqa: S603,S607 - ours


def run_python(page: str, folder: Path, *arguments: str) -> str:
    """Run the one piece of Python on a page, and return what it prints."""
    (code,) = (match[2] for match in FENCE.finditer(page) if match[1] == "python")
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(path: Path) -> None:
    """The links of a page to other files of the repository, and to sections of pages, lead somewhere."""
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", FENCE.sub("", PAGES[path]))
    for target in filter(lambda target: "://" not in target, (one or other for one, other in targets)):
        name, _, anchor = target.partition("#")
        linked = (path.parent / name).resolve() if name else path
        assert linked.exists(), target
        assert not anchor or anchor in anchors(PAGES[linked]), target


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_length(name: str) -> None:
    """A README has at most 1,200 words."""
    assert len(PAGES[ROOT / name].split()) <= 1200


@pytest.mark.parametrize(
    "pattern",
    [r"^```sh\n.*?^```", r"`[^`\n]+`", r"\]\([^)\s]+\)|srcset=\S+|src=\S+", r"\d\.\d+"],
    ids=["commands", "code", "links", "figures"],
)
def test_translation(pattern: str) -> None:
    """The Korean README has the commands, the code, the links and the figures of the English one."""
    english = PAGES[ROOT / "README.md"].replace("README.ko.md", "README.md")
    wanted = re.compile(pattern, re.MULTILINE | re.DOTALL)
    assert sorted(wanted.findall(PAGES[ROOT / "README.ko.md"])) == sorted(wanted.findall(english))
