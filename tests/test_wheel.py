"""The wheel, as installed without the repository."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

ENTER = "from importlib.metadata import entry_points as e; e(group='console_scripts')['sentiment-bot'].load()()"

Installed = Callable[..., str]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, once for all tests and without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir")
    subprocess.run([sys.executable, *build, str(folder)], check=True, timeout=120)  # noqa: S603 - our own command
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture
def metadata(wheel: Path) -> Message:
    """Return the wheel's metadata."""
    with zipfile.ZipFile(wheel) as packed:
        (path,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(packed.read(path).decode())


@pytest.fixture(scope="session")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel; installing a pure Python wheel does no more."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


@pytest.fixture
def installed(site: Path, tmp_path: Path) -> Installed:
    """Return a function that runs code with the unpacked wheel, without the checkout."""
    # A Python outside the virtual environment does not read the .pth file that makes the checkout importable.
    python = getattr(sys, "_base_executable", sys.executable)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SENTIMENT_"))}
    found = os.pathsep.join([str(site), sysconfig.get_path("purelib")])

    def run(code: str, *arguments: str, **environment: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own command
            [python, "-c", code, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": found, **environment},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_contents(wheel: Path) -> None:
    """The wheel contains every file of both packages, and nothing else but its metadata."""
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if ".dist-info/" not in name}
    there = {path for package in ("bot", "slack_emulator") for path in (ROOT / package).rglob("*") if path.is_file()}
    assert inside == {path.relative_to(ROOT).as_posix() for path in there if "__pycache__" not in path.parts}
    for kind in (".safetensors", "tokenizer.json", "page/static/index.html", "0001_watching.py", "bot/py.typed"):
        assert [name for name in inside if name.endswith(kind)], kind


def test_metadata(metadata: Message) -> None:
    """Name, summary, readme, licence, classifiers, required Python and extras are those of the project."""
    assert metadata["Name"] == PROJECT["name"]
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["Summary"] == PROJECT["description"]
    assert metadata["License-Expression"] == PROJECT["license"]
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text()
    assert metadata.get_all("Classifier") == PROJECT["classifiers"]
    assert set(metadata.get_all("Provides-Extra") or ()) == set(PROJECT["optional-dependencies"])


def test_licences(wheel: Path, metadata: Message) -> None:
    """The bot's licence and those of the model inside are in the wheel, unchanged."""
    files = metadata.get_all("License-File") or []
    assert files == PROJECT["license-files"]
    with zipfile.ZipFile(wheel) as packed:
        for file in files:
            (path,) = (name for name in packed.namelist() if name.endswith(f".dist-info/licenses/{file}"))
            assert packed.read(path) == (ROOT / file).read_bytes()


def test_the_wheel_is_imported(installed: Installed, site: Path) -> None:
    """The tests below import the unpacked wheel, and not the checkout."""
    assert Path(installed("import bot; print(bot.__file__)").strip()) == site / "bot" / "__init__.py"
    assert installed(ENTER, "--version") == f"{PROJECT['version']}\n"


def test_analyze(installed: Installed) -> None:
    """`sentiment-bot analyze` has its model and tokenizer."""
    assert installed(ENTER, "analyze", "I love this").startswith("POSITIVE")


def test_workspace(installed: Installed) -> None:
    """`sentiment-bot workspace --once` finds the emulator's page and the database's migrations, and shows the demo."""
    assert "Positive" in installed(ENTER, "workspace", "--once", PORT=str(unused_port()))
