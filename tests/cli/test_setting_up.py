"""Wrong usage, settings, and the commands that set the bot up or look after it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sentiment.models import embedded
from bot.store import optouts
from bot.store.channels import watches
from bot.store.channels.watches import Watch
from bot.store.database import open_database
from tests.cli.conftest import Bot


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze"],
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
    """What makes no sense exits 2, without a traceback."""
    done = bot(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_file_that_is_not_there(bot: Bot) -> None:
    """One line says which file and exits 1."""
    done = bot("analyze", "--file", "nowhere.txt")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "nowhere.txt" in done.err


@pytest.mark.parametrize("name", ["./nowhere/at/all", "~nosuchuser/x", "x" * 5000])
def test_a_model_that_cannot_be_had(bot: Bot, name: str) -> None:
    """One line says what was tried and what to do, and exits 78."""
    done = bot("analyze", "hi", SENTIMENT_MODEL=name)
    assert (done.code, done.err.count("\n")) == (78, 1)
    assert name[:200] in done.err


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        (["run"], {}, ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        (["run", "--http"], {}, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]),
        (["run"], {"SLACK_BOT_TOKEN": "xoxp-wrong-kind", "SLACK_APP_TOKEN": "xapp-1-A1-2-abc"}, ["SLACK_BOT_TOKEN"]),
        (["run"], {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xoxb-1-2-abc"}, ["SLACK_APP_TOKEN"]),
        (["run"], {"PORT": "eighty"}, ["PORT"]),
        (["run"], {"PORT": "9" * 5000}, ["PORT"]),
        (["doctor"], {"SENTIMENT_PRECISION": "fp16"}, ["SENTIMENT_PRECISION"]),
        (["run"], {"SLACK_API_URL": "http://[::1"}, ["SLACK_API_URL"]),
        (["run"], {"SLACK_API_URL": "nonsense"}, ["SLACK_API_URL"]),
        (["run"], {"TRIGGER_EMOJI": "not an emoji"}, ["TRIGGER_EMOJI"]),
        (["run"], {"METRICS_PORT": "0"}, ["METRICS_PORT"]),
        (["run"], {"METRICS_HOST": "not a host"}, ["METRICS_HOST"]),
        (["analyze", "hi"], {"SENTIMENT_MODEL_REVISION": "7" * 40}, ["SENTIMENT_MODEL_REVISION"]),
        (["run"], {"KEEP_DAYS": "0"}, ["KEEP_DAYS"]),
        (["run"], {"KEEP_CLAIMS_DAYS": "a week"}, ["KEEP_CLAIMS_DAYS"]),
        (["run"], {"SLACK_CLIENT_ID": "1.2"}, ["SLACK_CLIENT_ID"]),
        (
            ["run", "--http"],
            {"SLACK_CLIENT_ID": "1.2", "SECRETS_KEY": "wrong-kind"},
            ["SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SECRETS_KEY"],
        ),
        (["run", "--http"], {"SLACK_CLIENT_ID": "1.2", "SLACK_BOT_TOKEN": "xoxb-1-2-abc"}, ["SLACK_BOT_TOKEN"]),
    ],
)
def test_what_is_missing_or_malformed(
    bot: Bot, arguments: list[str], environment: dict[str, str], named: list[str]
) -> None:
    """One line for each variable, naming it, what it looks like and where it is; exit 78; no secret shown."""
    done = bot(*arguments, **environment)
    assert done.code == 78
    assert [line.split()[0] for line in done.err.splitlines()] == named
    assert "wrong-kind" not in done.err


def test_env_file(bot: Bot, tmp_path: Path) -> None:
    """Variables come from `.env`, and the environment comes before it."""
    (tmp_path / ".env").write_text("SENTIMENT_MODEL=./from/the/file\n")
    assert "./from/the/file" in bot("analyze", "hi").err
    assert "./from/the/file" in bot("analyze", "hi", SENTIMENT_MODEL="").err, "an empty variable is one not set"
    assert "./from/outside" in bot("analyze", "hi", SENTIMENT_MODEL="./from/outside").err


def test_an_env_file_that_is_no_text(bot: Bot, tmp_path: Path) -> None:
    """A `.env` in another encoding is one line and exits 78."""
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe\n")
    done = bot("analyze", "hi")
    assert (done.code, done.err.count("\n")) == (78, 1)


def test_an_env_file_with_broken_lines(bot: Bot, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Lines of `.env` that set nothing are named by number, in one line, and not shown: they may hold a secret."""
    (tmp_path / ".env").write_text("PORT=3000\n# fine\nxoxb secret token\n\nTRIGGER_EMOJI=tada\n'more secret\n")
    done = bot("analyze", "hi")
    assert (done.code, done.err.count("\n")) == (78, 1)
    assert "line 3, 6" in done.err
    assert "secret" not in done.err + done.out + caplog.text


@pytest.mark.parametrize("arguments", [["analyze", "hi"], ["trace", "hi"], ["export", "folder"], ["doctor"], ["run"]])
def test_a_mistake_in_the_settings_is_told_at_once(arguments: list[str]) -> None:
    """A malformed setting is told before anything heavy is imported."""
    watch = (
        "import sys; from bot.cli import main\n"
        "try: main()\nfinally: print({'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", watch, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "SENTIMENT_PRECISION": "nonsense"},
        check=False,
    )
    assert (done.returncode, done.stdout) == (78, "set()\n")
    assert done.stderr.startswith("SENTIMENT_PRECISION")


def test_a_file_for_a_model(bot: Bot, tmp_path: Path) -> None:
    """Who names the weights instead of their folder is told so."""
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert "is a file: name the folder" in bot("analyze", "hi", SENTIMENT_MODEL="./model.safetensors").err


@pytest.mark.parametrize("name", ["model.int8.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_changed_model(bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, cut: bool) -> None:
    """A bit changed, or a file cut off, in what comes with the bot is one line, and nothing starts."""
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


def test_manifest(bot: Bot) -> None:
    """`manifest` prints JSON to paste."""
    assert json.loads(bot("manifest").out)["settings"]["socket_mode_enabled"]
    assert not json.loads(bot("manifest", "--url", "https://b.example.com").out)["settings"]["socket_mode_enabled"]
    many = json.loads(bot("manifest", "--many-workspaces", "--url", "https://b.example.com/").out)
    assert many["oauth_config"]["redirect_urls"] == ["https://b.example.com/slack/oauth_redirect"]
    assert many["settings"]["token_rotation_enabled"]


def test_forget(bot: Bot, tmp_path: Path) -> None:
    """`forget` says what it removed, and what stays; asked again there is nothing left."""
    url = f"sqlite:///{tmp_path}/bot.db"
    with open_database(url) as database:
        database.run_sync(watches.add, "T11", "C11", Watch("U11"))
        database.run_sync(optouts.add, "T11", "U11")
    done = bot("forget", "--user", "U11", DATABASE_URL=url)
    assert (done.code, done.err) == (0, "")
    first, line, kept = done.out.splitlines()
    assert first == "Removed of U11:"
    assert "1 × requester ids in" in line
    assert "opted out, that stays" in kept
    assert bot("forget", "--user", "U11").out.startswith("Nothing was kept of U11.")
    assert "1 × watched channels" in bot("forget", "--channel", "C11").out
    assert "1 × opt-outs" in bot("forget", "--team", "T11").out


def test_doctor_without_tokens(bot: Bot) -> None:
    """`doctor` says what is all right and what is missing, and exits 78."""
    done = bot("doctor")
    assert done.code == 78
    assert "✓ The model embedded" in done.out
    assert "✗ SLACK_BOT_TOKEN is not set" in done.out
    assert "✗ For Socket Mode: SLACK_APP_TOKEN is not set" in done.out
    assert "Or, for run --http: SLACK_SIGNING_SECRET is not set" in done.out


def test_doctor_says_what_the_model_computes_in(bot: Bot) -> None:
    """`doctor` names the precision and how fast it is here, and a device that this machine lacks."""
    assert re.search(
        r"✓ The model embedded .* in bf16, about \d+ messages", bot("doctor", SENTIMENT_PRECISION="bf16").out
    )
    assert "✗ This machine has no device toaster" in bot("doctor", SENTIMENT_DEVICE="toaster").out


def test_a_slack_out_of_reach(bot: Bot) -> None:
    """Without a way to Slack one line says so, and `run` exits 1."""
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xapp-1-A1-2-abc"}
    done = bot("run", SLACK_API_URL="http://127.0.0.1:9/api/", **tokens)
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("Slack cannot be reached")
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", ["analyze", "trace", "run", "workspace", "manifest", "doctor"])
def test_help_has_an_example(bot: Bot, command: str) -> None:
    """Each command's help ends with an example of it."""
    done = bot(command, "--help")
    assert done.code == 0
    assert f"sentiment-bot {command}" in done.out.split("Example:")[1]
