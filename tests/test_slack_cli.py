"""The project as the Slack CLI sees it: the hooks in `.slack`, run as the CLI runs them, and `manifest.json`."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ConfigurationError
from bot.settings import FEATURES, Settings
from slack_emulator import ApiFault, Workspace, serve
from tests.support.manifests import manifest
from tests.support.processes import line_with, poll

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
HOOKS: dict[str, Any] = json.loads((ROOT / ".slack/hooks.json").read_text("utf-8"))
BOUNDARY = "9f86d081884c7d659a2feaa0c55ad015"
BOUNDARIES = ("--protocol=message-boundaries", f"--boundary={BOUNDARY}")
PASSED = {
    "SLACK_APP_PATH": "app.py",
    "SLACK_CLI_CUSTOM_FILE_PATH": "app.py",
    "SLACK_WORKSPACE": "w",
    "SLACK_ENV": "local",
}
"""What the CLI passes to hooks besides tokens."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a new project, in a folder whose name has a blank, with the bot installed in `.venv`."""
    folder = tmp_path / "my bot"
    shutil.copytree(ROOT / ".slack", folder / ".slack")
    (folder / "bot").symlink_to(ROOT / "bot")
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def command(hook: str, *flags: str) -> str:
    """Return the script that the CLI hands to the shell: without quotes, and with blanks collapsed."""
    return " ".join([*HOOKS["hooks"][hook].split(), *flags])


def run_hook(project: Path, hook: str, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a hook with no environment but PATH and ``environment``."""
    return subprocess.run(  # noqa: S603 - from our own file
        ["sh", "-c", command(hook, *flags)],  # noqa: S607 - as the CLI does
        cwd=project,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@asynccontextmanager
async def shell_process(shell: str, script: str, cwd: Path, environment: dict[str, str]) -> AsyncIterator[Process]:
    """Run a script, and kill it at the end of the block with all that it has started."""
    started = await asyncio.create_subprocess_exec(
        shell,
        "-c",
        script,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
        await started.wait()


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the error line of a hook that failed, having printed nothing else."""
    assert done.returncode
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_manifest_file() -> None:
    """`manifest.json` is the manifest of the bot without optional features."""
    text = (ROOT / "manifest.json").read_text("utf-8")
    assert text == json.dumps(manifest(), indent=2) + "\n", "renew it with: make manifest"


def test_get_manifest(project: Path) -> None:
    """`get-manifest` prints the manifest and nothing else, with no environment and with flags it does not know."""
    done = run_hook(project, "get-manifest", f"--source={project}", "--later=1")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == manifest()


def test_get_manifest_between_boundaries(project: Path) -> None:
    """In the protocol message-boundaries the manifest is printed between two boundaries, for the features in force."""
    done = run_hook(project, "get-manifest", f"--source={project}", *BOUNDARIES, FEATURES=",".join(FEATURES), **PASSED)
    assert (done.returncode, done.stderr) == (0, "")
    before, answer, after = done.stdout.split(BOUNDARY)
    assert json.loads(answer) == manifest(features=FEATURES)
    assert (before, after) == ("", "\n")


def test_get_manifest_of_env_file(project: Path) -> None:
    """`get-manifest` reads FEATURES from `.env` too."""
    (project / ".env").write_text("FEATURES=watching\n")
    assert json.loads(run_hook(project, "get-manifest").stdout) == manifest(features=["watching"])


@pytest.mark.parametrize(
    ("flags", "environment", "words"),
    [
        (["--protocol=smoke-signals"], {}, "--protocol must be default or message-boundaries"),
        (["--protocol=message-boundaries"], {}, "needs --boundary"),
        (["--protocol=message-boundaries", "--boundary="], {}, "needs --boundary"),
        (BOUNDARIES, {"FEATURES": "watchin"}, "FEATURES must be a list of features"),
        (BOUNDARIES, {"FEATURSE": "watching"}, "Did you mean FEATURES?"),
    ],
)
def test_get_manifest_fails(project: Path, flags: list[str], environment: dict[str, str], words: str) -> None:
    """Wrong flags and settings are one line on standard error, which the CLI shows."""
    assert words in one_line(run_hook(project, "get-manifest", *flags, **environment))


@pytest.mark.parametrize("hook", ["get-manifest", "start"])
@pytest.mark.parametrize("half_installed", [False, True])
def test_not_installed(project: Path, hook: str, half_installed: bool) -> None:
    """In a fresh clone, or after an installation that failed, both hooks say to run `make run` first."""
    (project / ".venv").unlink()
    if half_installed:
        (project / ".venv/bin").mkdir(parents=True)
        (project / ".venv/bin/python").symlink_to(sys.executable)
    assert "Run: make run" in one_line(run_hook(project, hook, *(BOUNDARIES if hook == "get-manifest" else ())))


@pytest.mark.parametrize("shell", [shell for shell in ("sh", "bash", "zsh", "fish") if shutil.which(shell)])
async def test_start(project: Path, shell: str) -> None:
    """`start` connects with the CLI's tokens, and stops when the CLI interrupts the process that it started."""
    (project / ".env").write_text("SLACK_BOT_TOKEN=\nSLACK_APP_TOKEN=\n")  # a copy of .env.example
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_CLI_XOXB": workspace.bot_token, "SLACK_CLI_XAPP": workspace.app_token}
        environment = {"SLACK_API_URL": server.api_url, **tokens, **PASSED}
        async with shell_process(shell, command("start"), project, environment) as bot:
            await line_with(bot.stderr, "serving over Socket Mode")
            bot.send_signal(signal.SIGINT)
            out, err = await asyncio.wait_for(bot.communicate(), 60)
    assert bot.returncode == 0
    assert out == b""
    assert b"Traceback" not in err


async def test_ctrl_c(project: Path) -> None:
    """On Ctrl-C the terminal and the CLI both interrupt the bot, which still finishes the reply that it has begun."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
        environment = {"SLACK_API_URL": server.api_url, **tokens}
        async with shell_process("sh", command("start"), project, environment) as bot:
            await line_with(bot.stderr, "serving over Socket Mode")
            workspace.faults.add(ApiFault("chat.postMessage", wait=2))
            ana, dm = workspace.user_id("ana"), workspace.dm_id("ana")
            await workspace.post(ana, dm, "I love this")
            await poll(lambda: not workspace.faults.api)  # used up: the reply is on its way
            bot.send_signal(signal.SIGINT)
            await asyncio.sleep(0.1)  # the CLI's interrupt follows that of the terminal
            bot.send_signal(signal.SIGINT)
            _, err = await asyncio.wait_for(bot.communicate(), 60)
        assert workspace.seen_by(ana, dm)[-1].text.startswith("Positive")
    assert bot.returncode == 0
    assert b"ERROR" not in err


def test_start_fails(project: Path) -> None:
    """Without tokens `start` says which are missing and where to write them; one line each."""
    done = run_hook(project, "start", **PASSED)
    assert done.returncode == 78
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "Write"]


def test_start_of_a_bot_for_many_workspaces(project: Path) -> None:
    """A bot for many workspaces, which the CLI cannot serve, says what to unset, not to unset the CLI's token."""
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xapp-1-A1-2-abc"}
    assert "For one, unset it" in one_line(run_hook(project, "start", SLACK_CLIENT_ID="1.2", **tokens))


@pytest.mark.parametrize(
    ("file", "environment", "expected"),
    [
        ("", {}, "xoxb-of-cli"),
        ("", {"SLACK_BOT_TOKEN": " "}, "xoxb-of-cli"),
        ("", {"SLACK_BOT_TOKEN": "xoxb-of-shell"}, "xoxb-of-shell"),
        ("SLACK_BOT_TOKEN=xoxb-of-file", {}, "xoxb-of-file"),
    ],
)
def test_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, environment: dict[str, str], expected: str
) -> None:
    """The CLI's token is used if SLACK_BOT_TOKEN is empty in the environment and in `.env`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(file)
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    for name, value in {"SLACK_CLI_XOXB": "xoxb-of-cli", "SLACK_CLI_XAPP": "xapp-of-cli", **environment}.items():
        monkeypatch.setenv(name, value)
    settings = Settings.read()
    assert settings.slack_bot_token.get_secret_value() == expected
    assert settings.slack_app_token.get_secret_value() == "xapp-of-cli"


def test_malformed_token_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A malformed token of the CLI is refused without its value, by the name of its variable."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    monkeypatch.setenv("SLACK_CLI_XOXB", "secret")
    with pytest.raises(ConfigurationError, match="SLACK_CLI_XOXB, from the Slack CLI, is malformed") as raised:
        Settings.read().require("SLACK_BOT_TOKEN")
    assert "secret" not in str(raised.value)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "secret")
    with pytest.raises(ConfigurationError, match="SLACK_BOT_TOKEN is malformed"):
        Settings.read().require("SLACK_BOT_TOKEN")


def test_files_of_the_project() -> None:
    """The files that the CLI reads say what it needs: who opens the connection, and which files it watches."""
    config = HOOKS["config"]
    assert config["sdk-managed-connection-enabled"] is True
    assert config["protocol-version"] == ["message-boundaries", "default"]
    watched = [*config["watch"]["app"]["paths"], *config["watch"]["manifest"]["paths"]]
    assert all((ROOT / path).exists() for path in watched if path != ".env")
    assert re.search(config["watch"]["app"]["filter-regex"], "app.py")
    assert json.loads((ROOT / ".slack/config.json").read_text("utf-8"))["manifest"] == {"source": "local"}
    assert (ROOT / ".slack/.gitignore").read_text("utf-8").split() == ["apps.dev.json", "cache/"]


def test_project_file_stays_as_it_is() -> None:
    """`slack create` adds slack-cli-hooks to pyproject.toml unless it finds the name, and the hooks do not need it."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "slack-cli-hooks" in text
    assert not any("slack-cli-hooks" in each for each in tomllib.loads(text)["project"]["dependencies"])
