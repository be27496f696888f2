"""The command `analyze` in a terminal and in pipes, as a process of its own."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ANALYZE = (sys.executable, "-m", "bot", "analyze")


def test_a_terminal_without_utf_8() -> None:
    """Characters that the output's encoding lacks become question marks."""
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = (sys.executable, "-m", "bot", "analyze", "I love this")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ascii_only, check=True)  # noqa: S603 - our own command
    assert done.stdout.startswith("POSITIVE  ????")


class Terminal:
    """A command in a terminal."""

    def __init__(self, *command: str, **environment: str) -> None:
        self._output = b""
        self._position = 0  # after what was waited for
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execve(command[0], command, {**os.environ, "TERM": "xterm", **environment})  # noqa: S606 - our own command

    def read_until(self, words: str) -> None:
        """Read until the output has ``words``, after those that were waited for before."""
        while (found := self._output.find(words.encode(), self._position)) < 0:
            assert self._read(), f"the command ended without {words!r}"
        self._position = found + len(words.encode())

    def write(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._terminal, keys.encode())

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and the output."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status), self._output.decode()

    def _read(self) -> bool:
        """Wait for output; return False at its end."""
        if not select.select([self._terminal], [], [], 120)[0]:
            return False
        try:
            written = os.read(self._terminal, 65536)
        except OSError:  # Linux raises it when the other end is closed
            return False
        self._output += written
        return bool(written)


def test_progress_on_a_terminal_only(tmp_path: Path) -> None:
    """Reading lines shows a progress bar on a terminal, but not if the output is a pipe."""
    texts = tmp_path / "texts.txt"
    texts.write_text("I love this\n" * 20)
    command = (*ANALYZE, "--file", str(texts))
    code, shown = Terminal(*command).finish()
    assert code == 0
    assert "classifying" in shown
    assert shown.count("POSITIVE") == 20
    _, as_json = Terminal(*command, "--json").finish()
    assert [json.loads(line)["label"] for line in re.findall(r"\{.*\}", as_json)] == ["POSITIVE"] * 20
    piped = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - our own command
    assert piped.stderr == ""
    assert piped.stdout.count("POSITIVE") == 20
    assert "\x1b" not in piped.stdout


def test_progress_of_a_pipe(tmp_path: Path) -> None:
    """If the number of texts is unknown, the progress bar shows only how many are done."""
    words = " ".join(ANALYZE)
    _, shown = Terminal("/bin/sh", "-c", f"echo happy | {words} --output {tmp_path}/out.csv").finish()
    assert "classifying" in shown
    assert "/?" not in shown


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours(environment: dict[str, str], coloured: bool) -> None:
    """A result has the colour of its label, where the terminal has colours and they are wanted."""
    _, shown = Terminal(*ANALYZE, "I love this", "I hate this", **environment).finish()
    assert ("\x1b[32mPOSITIVE" in shown, "\x1b[31mNEGATIVE" in shown) == (coloured, coloured)
    assert ("\x1b" in shown) == coloured


def test_prompt() -> None:
    """Without texts, a terminal asks for one after the other, until Ctrl-D."""
    terminal = Terminal(*ANALYZE)
    terminal.read_until("Ctrl-D ends.")
    for text, label in (("I love this", "POSITIVE"), ("", ""), ("I hate this", "NEGATIVE")):
        terminal.read_until("> ")
        terminal.write(f"{text}\n")
        terminal.read_until(label)
    terminal.read_until("> ")
    terminal.write("\x04")
    code, shown = terminal.finish()
    assert (code, "Traceback" in shown, "nothing to classify" in shown) == (0, False, False)


def test_a_slow_pipe() -> None:
    """The result of a line does not wait for the next line."""
    with subprocess.Popen((*ANALYZE, "--json"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        assert process.stdin
        assert process.stdout
        for text in ("I love this", "I hate this"):
            process.stdin.write(f"{text}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.parametrize("at", ["a pipe", "a prompt"])
def test_interrupted(tmp_path: Path, at: str) -> None:
    """Ctrl-C keeps the results so far, names their file, and exits with 130."""
    output = tmp_path / "out.jsonl"
    command = (*ANALYZE, "--output", str(output))
    if at == "a prompt":
        terminal = Terminal(*command)
        terminal.read_until("Ctrl-D ends.")
        terminal.write("I love this\nI hate this\n")
        wait_for_lines(output, 2)
        terminal.write("\x03")
        code, shown = terminal.finish()
    else:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
            assert process.stdin
            process.stdin.write("I love this\nI hate this\n")
            process.stdin.flush()
            wait_for_lines(output, 2)
            process.send_signal(signal.SIGINT)
            assert process.stderr
            shown = process.stderr.read()
        code = process.returncode
    assert (code, f"Wrote {output}." in shown, "Traceback" in shown) == (130, True, False)
    assert at == "a pipe" or f"\r\nWrote {output}." in shown  # not behind the prompt
    assert [json.loads(line)["label"] for line in output.read_text().splitlines()] == ["POSITIVE", "NEGATIVE"]


def wait_for_lines(file: Path, count: int) -> None:
    """Wait until ``file`` has so many lines, which nothing signals."""
    end = time.monotonic() + 60
    while not file.exists() or file.read_text().count("\n") < count:
        assert time.monotonic() < end
        time.sleep(0.05)
