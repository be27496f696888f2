"""The command line, run in the test's own process."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from bot.cli.main import main
from bot.sentiment.classifier import Classifier
from bot.settings import Settings


@dataclass(frozen=True)
class Completed:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        """The output as JSON objects, one per line."""
        return [json.loads(line) for line in self.out.splitlines()]


Bot = Callable[..., Completed]


@pytest.fixture
def bot(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, classifier: Classifier
) -> Bot:
    """Return a function that runs a command in an empty folder, with settings from keyword arguments only."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields.keys() - {"database_url"}:
        monkeypatch.delenv(name.upper(), raising=False)

    def run(*arguments: str, stdin: bytes = b"", **environment: str) -> Completed:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["sentiment-bot", *arguments])
        with TemporaryFile() as file:
            file.write(stdin)
            file.seek(0)
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
            with pytest.raises(SystemExit) as ended:
                main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Completed(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run
