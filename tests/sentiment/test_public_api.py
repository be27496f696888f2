"""``bot.sentiment`` as a library."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

from bot import sentiment


def run(script: str, folder: Path) -> str:
    """Run ``script`` in a new process in ``folder`` and return its output."""
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter and script
    return done.stdout.strip()


def test_example() -> None:
    """The example in the package's docstring works."""
    failed, attempted = doctest.testmod(sentiment)
    assert failed == 0
    assert attempted > 0


def test_in_an_empty_folder(tmp_path: Path) -> None:
    """The library classifies without settings or other files."""
    script = 'from bot.sentiment import load; print(load().classify(["I love this"])[0].label)'
    assert run(script, tmp_path) == "POSITIVE"


@pytest.mark.parametrize("module", ["types", "formatting"])
def test_cheap_imports(tmp_path: Path, module: str) -> None:
    """Modules that only describe results do not import torch."""
    assert run(f"import sys, bot.sentiment.{module}; print('torch' in sys.modules)", tmp_path) == "False"


def test_exports() -> None:
    """Every exported name exists, and others are an ordinary AttributeError."""
    assert all(hasattr(sentiment, name) for name in sentiment.__all__)
    assert not hasattr(sentiment, "Classifer")
