"""The command line as a whole: usage, help, completion, and errors in the settings."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from bot.cli.main import cli
from bot.sentiment.models import embedded
from bot.settings import WHERE_TO_SET, Settings
from tests.cli.conftest import Bot


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "--column", "body", "--file", "a.txt"],
        ["analyze", "--column", "body", "text"],
        ["analyze", "--json", "--format", "csv", "text"],
        ["analyze", "--format", "xml", "text"],
        ["analyze", "--tokens", "--format", "csv", "text"],
        ["analyze", "--file", "a.txt", "text"],
        ["analyze", "--nonsense", "text"],
        ["analyze", "text", "-"],
        ["nonsense"],
        ["trace"],
        ["manifest", "--url", "http://insecure.example.com"],
        ["manifest", "--url", "https://bot.example.com/slack/events"],
        ["manifest", "--url", "https://"],
        ["manifest", "--many-workspaces"],
        ["forget"],
        ["forget", "--user", "U11", "--team", "T11"],
        ["forget", "--user", "ana"],
        ["forget", "--user", ""],
        ["forget", "--channel", "#general"],
        ["forget", "--team", "U11"],
        ["forget", "--team", "T11; DROP TABLE optouts"],
        [],
    ],
)
def test_wrong_usage(bot: Bot, arguments: list[str]) -> None:
    """Wrong usage exits with 2, without a traceback."""
    done = bot(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


GROUP = get_command(cli)
assert isinstance(GROUP, TyperGroup)
COMMANDS = sorted(name for name, command in GROUP.commands.items() if not command.hidden)


@pytest.mark.parametrize("command", COMMANDS)
def test_help(bot: Bot, command: str) -> None:
    """The help of every command fits 80 columns and ends with an example of it."""
    done = bot(command, "--help", COLUMNS="80")
    assert done.code == 0
    assert f"sentiment-bot {command}" in " ".join(done.out.split("Example:")[1].split())
    assert max(map(len, done.out.splitlines())) <= 80
    assert bot(command, "-h").out == done.out


def test_summaries(bot: Bot) -> None:
    """The list of commands describes each of them in full, within 80 columns."""
    done = bot("-h", COLUMNS="80")
    listed = dict(re.findall(r"^  ([a-z]+)  +(.+)$", done.out.partition("Commands:")[2], re.MULTILINE))
    assert sorted(listed) == COMMANDS
    assert all(text.endswith(".") and not text.endswith("...") for text in listed.values())
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "meant"), [(["analyse"], "analyze"), (["docter"], "doctor"), (["analyze", "--toknes"], "--tokens")]
)
def test_misspelt(bot: Bot, arguments: list[str], meant: str) -> None:
    """A misspelt command or option names the nearest."""
    done = bot(*arguments)
    assert (done.code, meant in done.err.splitlines()[-1]) == (2, True)


def test_version(bot: Bot) -> None:
    """`--version` prints the version and exits."""
    assert bot("--version").out == f"{version('sentiment-bot')}\n"


def test_completion() -> None:
    """A shell is offered the commands and options that complete a word."""
    for words, count, offered in (("sentiment-bot an", 1, "analyze"), ("sentiment-bot analyze --to", 2, "--tokens")):
        asked = {"_SENTIMENT_BOT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count)}
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from bot.cli import main; sys.argv = ['sentiment-bot']; main()"],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **asked},
            check=True,
        )
        assert done.stdout.split() == [offered]


@pytest.mark.parametrize("program", [["-m", "bot"], ["-c", "from bot.cli import main; main()"]])
def test_install_completion(tmp_path: Path, program: list[str]) -> None:
    """Completion is installed for the name of the program, however it was started."""
    command = [sys.executable, *program, "--install-completion"]
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    subprocess.run([*command, "bash"], check=True, timeout=60, env=environment, capture_output=True)  # noqa: S603 - our own command
    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert script.name == "sentiment-bot.sh"
    subprocess.run(["bash", "-n", str(script)], check=True)  # noqa: S603, S607 - checks the syntax


def heavy_imports(*arguments: str, **environment: str) -> tuple[int, set[str]]:
    """Run a command; return its exit code, and the heavy packages that it imported."""
    watch = (
        "import sys; from bot.cli import main\n"
        "heavy = {'openvino', 'torch', 'transformers', 'sqlalchemy', 'aiohttp'}\n"
        "try: main()\nfinally: print(*heavy & set(sys.modules))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", watch, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )
    return done.returncode, set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_quick_commands(arguments: list[str]) -> None:
    """What needs no model and no database does not wait for their imports."""
    assert heavy_imports(*arguments) == (0, set())


def test_manifest_needs_no_model() -> None:
    """`manifest` imports the features, but not what takes seconds to import."""
    code, imported = heavy_imports("manifest")
    assert code == 0
    assert not imported & {"openvino", "torch", "transformers"}


@pytest.mark.parametrize(
    "arguments",
    [["analyze", "hi"], ["trace", "hi"], ["export", "folder"], ["evaluate", "file"], ["feedback"], ["doctor"], ["run"]],
)
def test_settings_are_checked_first(arguments: list[str]) -> None:
    """An error in the settings is reported before anything heavy is imported."""
    assert heavy_imports(*arguments, SENTIMENT_PRECISION="nonsense") == (78, set())


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        (["run"], {}, ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        (["run", "--http"], {}, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]),
        (["run"], {"SLACK_BOT_TOKEN": "xoxp-wrong-kind", "SLACK_APP_TOKEN": "xapp-1-A1-2-abc"}, ["SLACK_BOT_TOKEN"]),
        (["run"], {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xoxb-1-2-abc"}, ["SLACK_APP_TOKEN"]),
        (["run"], {"SLACK_CLIENT_ID": "1.2"}, ["SLACK_CLIENT_ID"]),
        (
            ["run", "--http"],
            {"SLACK_CLIENT_ID": "1.2", "SECRETS_KEY": "wrong-kind"},
            ["SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SECRETS_KEY"],
        ),
        (["run", "--http"], {"SLACK_CLIENT_ID": "1.2", "SLACK_BOT_TOKEN": "xoxb-1-2-abc"}, ["SLACK_BOT_TOKEN"]),
        (["catchup"], {"PORT": "eighty", "SLACK_BOT_TOKN": "wrong-kind"}, ["PORT", "SLACK_BOT_TOKN"]),
        (["catchup"], {}, ["SLACK_BOT_TOKEN"]),
    ],
)
def test_missing_and_malformed_settings(
    bot: Bot, arguments: list[str], environment: dict[str, str], named: list[str]
) -> None:
    """Each missing or malformed variable is a line that names it, without a secret; the exit code is 78."""
    done = bot(*arguments, **environment)
    assert done.code == 78
    lines = [line for line in done.err.splitlines() if line != WHERE_TO_SET]
    assert [line.split()[0] for line in lines] == named
    assert "wrong-kind" not in done.err


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
@pytest.mark.parametrize("value", ["nonsense", "-1", "[]", "1e99", "https://", "\x01"])
def test_errors_in_our_own_words(bot: Bot, name: str, value: str) -> None:
    """A wrong value is reported by the name of its setting, and not in the words of a library."""
    done = bot("manifest", **{name: value})
    assert done.code in (0, 78)
    assert done.code == 0 or name in done.err
    assert not re.search("pydantic|validation|input should|traceback", done.err, re.IGNORECASE)


@pytest.mark.parametrize("name", ["./nowhere/at/all", "~nosuchuser/x", "x" * 5000])
def test_an_unknown_model(bot: Bot, name: str) -> None:
    """A model that cannot be found is reported in one line, with exit code 78."""
    done = bot("analyze", "hi", SENTIMENT_MODEL=name)
    assert (done.code, done.err.count("\n")) == (78, 1)
    assert name[:200] in done.err


def test_a_file_for_a_model(bot: Bot, tmp_path: Path) -> None:
    """A file of weights is not accepted in place of its folder."""
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert "is a file: name the folder" in bot("analyze", "hi", SENTIMENT_MODEL="./model.safetensors").err


@pytest.mark.parametrize("name", ["model.int8.safetensors", "model.xml", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_changed_model(bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, cut: bool) -> None:
    """A changed bit or a truncated file of the embedded model is reported in one line."""
    copy = tmp_path / "embedded"
    shutil.copytree(embedded.EMBEDDED_FOLDER, copy)
    changed = bytearray((copy / name).read_bytes())
    changed[len(changed) // 2] ^= 1
    (copy / name).write_bytes(changed[:-1] if cut else changed)
    monkeypatch.setattr(embedded, "EMBEDDED_FOLDER", copy)
    monkeypatch.setattr("bot.sentiment.models.checkpoint.EMBEDDED_FOLDER", copy)
    for command in ("analyze", "trace"):
        done = bot(command, "hi")
        assert (done.code, done.out, done.err.count("\n")) == (78, "", 1)
        assert f"{name} is damaged or was changed" in done.err
