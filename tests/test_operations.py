"""The operations handbook covers every metric and log message, and the deployment files start the bot."""

import ast
import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner

from bot.cli.main import cli
from bot.observability import metrics

ROOT = Path(__file__).parents[1]

HANDBOOK = (ROOT / "docs" / "operations.md").read_text()


def test_every_metric_is_explained() -> None:
    """The handbook names exactly the metrics that the bot exports."""
    assert metrics
    shown = {
        f"{metric.name}_total" if metric.type == "counter" else metric.name
        for metric in REGISTRY.collect()
        if metric.name.startswith("bot_")
    }
    assert set(re.findall(r"`(bot_\w+)`", HANDBOOK)) == shown


def log_messages() -> Iterator[str]:
    """Yield the message templates of the bot's warnings and errors."""
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name in ("warning", "error", "log_failure"):
                yield from texts[:1]


def test_every_log_message_is_explained() -> None:
    """The handbook explains every warning and error in the log."""
    found = {max(re.split(r"%s|%\(", template), key=len).strip(" :,()") for template in log_messages()}
    assert {"analysis", "a heartbeat", "was given up", "The connection to Slack is lost. Reconnecting."} <= found
    assert [text for text in sorted(found) if text not in HANDBOOK] == []


def commands() -> Iterator[str]:
    """Yield the command lines in the Procfile, the systemd unit and the Dockerfile."""
    for line in (ROOT / "Procfile").read_text().splitlines():
        yield line.partition("python -m bot ")[2]
    yield (ROOT / "deploy" / "sentiment-bot.service").read_text().partition("/bin/sentiment-bot ")[2].splitlines()[0]
    yield re.findall(r'^CMD \["(.*)"\]$', (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0]


@pytest.mark.parametrize("command", [*commands()])
def test_start_commands(command: str) -> None:
    """The Procfile, the systemd unit and the image start the bot with a command that exists."""
    assert command
    assert CliRunner().invoke(cli, [*shlex.split(command), "--help"]).exit_code == 0


def test_files_of_the_image() -> None:
    """Everything that the Dockerfile copies exists and is sent to the builder; `.env` is not sent."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = [line.removeprefix("!") for line in lines if line.startswith("!")]
    copied = [
        name
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    ]
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert any(fnmatch(name, pattern) for pattern in sent), name
    assert "*" in lines
    assert not any(fnmatch(".env", pattern) for pattern in sent)
