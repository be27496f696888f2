"""The command `analyze`, at a terminal and in a pipe."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.formatting import EMOJI
from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Assessment
from bot.slack.features.analysis.blocks import result
from tests.cli.conftest import Bot


def test_analyze(bot: Bot) -> None:
    """Each text gets a line with its label, a bar and a percentage, in order."""
    done = bot("analyze", "I love this", "I hate this so much!")
    first, second = done.out.splitlines()
    assert done.code == 0
    assert first.startswith("POSITIVE")
    assert "█" in first
    assert first.endswith("I love this")
    assert second.startswith("NEGATIVE")


def test_analyze_json(bot: Bot, classifier: Classifier) -> None:
    """`--json` prints exactly the documented fields, with the model's own numbers."""
    (result,) = bot("analyze", "--json", "I love this").lines
    (expected,) = classifier.classify(["I love this"])
    assert result == {
        "text": "I love this",
        "label": expected.label,
        "score": expected.score,
        "scores": dict(expected.scores),
        "model": "embedded",
        "truncated": False,
        "looks_like": None,
    }


def test_another_language(bot: Bot) -> None:
    """A text in a language that the model does not read is marked, on a line of its own and in JSON."""
    done = bot("analyze", "ขอบคุณมากนะครับ", "I love this")
    first, second, third = done.out.splitlines()
    assert first.endswith("ขอบคุณมากนะครับ")
    assert second.strip() == "looks like Thai, which this model does not read"
    assert third.startswith("POSITIVE")
    (result,) = bot("analyze", "--json", "ขอบคุณมากนะครับ").lines
    assert result["looks_like"] == "Thai"


def test_analyze_tokens(bot: Bot) -> None:
    """`--tokens` adds the breakdown: by words as text, by tokens as JSON."""
    shown = bot("analyze", "--tokens", "HuggingFace is awful").out
    assert "▲" in shown
    assert "HuggingFace" in shown
    assert "▁" not in shown
    (result,) = bot("analyze", "--json", "--tokens", "HuggingFace").lines
    tokens = result["tokens"]
    assert isinstance(tokens, list)
    assert [set(token) for token in tokens] == [{"text", "id", "start", "end", "special", "attribution"}] * 6
    assert [token["text"] for token in tokens] == ["<s>", "▁Hu", "gging", "Fac", "e", "</s>"]


def test_nothing_to_classify(bot: Bot) -> None:
    """A text without a word or an emoji has no label, which is no error."""
    done = bot("analyze", "...")
    assert (done.code, "nothing to classify" in done.out) == (0, True)
    (result,) = bot("analyze", "--json", "--tokens", "...").lines
    assert (result["label"], result["score"], result["scores"], result["tokens"]) == (None, None, {}, [])


LINES = "I love this\r\n\nbad\u2028line\x0b \u2029 day\n\xa0\n".encode() + b"\xff\xfe broken\nno end"


@pytest.mark.parametrize("by_file", [False, True])
def test_one_text_per_line(bot: Bot, tmp_path: Path, by_file: bool) -> None:
    """Standard input and files are read line by line, including blank lines; only line feeds end a line."""
    (tmp_path / "texts.txt").write_bytes(LINES)
    done = bot("analyze", "--json", "--file", "texts.txt") if by_file else bot("analyze", "--json", "-", stdin=LINES)
    texts = [line["text"] for line in done.lines]
    assert texts == ["I love this", "", "bad\u2028line\x0b \u2029 day", "\xa0", "\ufffd\ufffd broken", "no end"]
    assert [line["label"] is None for line in done.lines] == [False, True, False, True, False, False]
    assert done.err == "Note: 1 line with bytes that are not UTF-8. Save the file as UTF-8.\n"


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_encodings(bot: Bot, tmp_path: Path, by_file: bool, encoding: str) -> None:
    """A byte order mark determines the encoding."""
    content = "I love this\r\n構建\u0a0a\nno end".encode(encoding)
    (tmp_path / "texts.txt").write_bytes(content)
    done = bot("analyze", "--json", *(["--file", "texts.txt"] if by_file else ["-"]), stdin=content)
    assert [line["text"] for line in done.lines] == ["I love this", "構建\u0a0a", "no end"]
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\x14\0", b"\xff\xd8\xff\xe0\0\x10JFIF", "no mark".encode("utf-16-le")],
)
def test_no_text_file(bot: Bot, tmp_path: Path, by_file: bool, content: bytes) -> None:
    """What is not text is refused in one line."""
    (tmp_path / "texts.txt").write_bytes(content)
    done = bot("analyze", *(["--file", "texts.txt"] if by_file else ["-"]), stdin=content)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert "is not text in UTF-8" in done.err


@pytest.mark.parametrize("name", ["a.csv", "a.TSV", "a.jsonl", "a.ndjson", "a.json"])
def test_a_table(bot: Bot, tmp_path: Path, name: str) -> None:
    """A table is refused in one line, which names the commands that read it."""
    (tmp_path / name).write_text("author,text\nana,I love this\n")
    done = bot("analyze", "--file", name)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert all(word in done.err for word in (name, "report", "evaluate"))


@pytest.mark.parametrize("by_file", [True, False])
@pytest.mark.parametrize(
    "header", ["time,author,text", '"Text";"Channel"', "text\tlabel\tlanguage", '{"text": "I love this", "ts": "1.1"}']
)
def test_a_table_by_another_name(bot: Bot, tmp_path: Path, by_file: bool, header: str) -> None:
    """A table is recognized by its first line, too."""
    (tmp_path / "texts.txt").write_text(f"{header}\nI love this\n")
    done = bot("analyze", *(["--file", "texts.txt"] if by_file else ["-"]), stdin=f"{header}\nI love this\n".encode())
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert all(word in done.err for word in ("report", "evaluate"))


@pytest.mark.parametrize("text", ["Text, please", "text", "{not JSON", '{"score": 1}', "time, and time again; no text"])
def test_no_table(bot: Bot, text: str) -> None:
    """A sentence with words of a header is a text."""
    assert json.loads(bot("analyze", "--json", "-", stdin=f"{text}\n".encode()).out)["text"] == text


def test_a_pipe_as_file(bot: Bot, tmp_path: Path) -> None:
    """`--file` accepts a pipe, such as the shell's <(…)."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("I love this\nI hate this\n",))
    writer.start()
    done = bot("analyze", "--json", "--file", "pipe")
    writer.join()
    assert [line["text"] for line in done.lines] == ["I love this", "I hate this"]


def test_a_terminal_without_utf_8() -> None:
    """Characters that the output's encoding lacks become question marks."""
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = (sys.executable, "-m", "bot", "analyze", "I love this")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ascii_only, check=True)  # noqa: S603 - our own command
    assert done.stdout.startswith("POSITIVE  ????")


def test_many_lines(bot: Bot, classifier: Classifier) -> None:
    """A thousand lines of various lengths are printed in order."""
    texts = [f"number {i} is {'good ' * (i % 9)}" for i in range(1000)]
    done = bot("analyze", "--json", "-", stdin="\n".join(texts).encode())
    assert [line["text"] for line in done.lines] == texts


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\u202eabc", "x" * 40_000, "\x1b[31mred"])
def test_odd_texts(bot: Bot, text: str) -> None:
    """Odd characters are classified, and not written to a terminal that they could confuse."""
    (result,) = bot("analyze", "--json", text).lines
    assert (result["text"], result["label"] is None) == (text, False)
    shown = bot("analyze", "--tokens", text).out
    assert not set(shown) & set("\x00\x1b\u202e\ud800")


def in_terminal(*command: str) -> Iterator[bytes]:
    """Run a command in a terminal, and yield its output."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)  # noqa: S606 - our own interpreter, without a shell
    while select.select([terminal], [], [], 120)[0]:
        try:
            written = os.read(terminal, 65536)
        except OSError:  # Linux raises it when the other end is closed
            break
        if not written:
            break
        yield written
    os.waitpid(pid, 0)
    os.close(terminal)


def test_progress_on_a_terminal_only(tmp_path: Path) -> None:
    """Reading lines shows a progress bar on a terminal, but not if the output is a pipe."""
    texts = tmp_path / "texts.txt"
    texts.write_text("I love this\n" * 20)
    command = (sys.executable, "-m", "bot", "analyze", "--file", str(texts))
    shown = b"".join(in_terminal(*command)).decode()
    assert "classifying" in shown
    assert shown.count("POSITIVE") == 20
    as_json = b"".join(in_terminal(*command, "--json")).decode()
    assert [json.loads(line)["label"] for line in re.findall(r"\{.*\}", as_json)] == ["POSITIVE"] * 20
    piped = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - as above
    assert piped.stderr == ""
    assert piped.stdout.count("POSITIVE") == 20
    assert "\x1b" not in piped.stdout


def test_needs_no_torch() -> None:
    """The embedded model is used without torch and transformers, which take seconds to import."""
    watch = (
        "import sys; from bot.cli import main\n"
        "try: main()\nfinally: print(sorted({'torch', 'transformers', 'slack_bolt'} & set(sys.modules)))"
    )
    command = (sys.executable, "-c", watch, "analyze", "I love this")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - our own command
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["--file", "nowhere.txt"], ["--file", "."]])
def test_an_unreadable_file(bot: Bot, arguments: list[str]) -> None:
    """A file that cannot be read is reported in one line, with exit code 1."""
    done = bot("analyze", *arguments)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert f"{arguments[1]} cannot be read" in done.err


def test_one_vocabulary() -> None:
    """A label has the same emoji in Slack and in the terminal."""
    for label, emoji in EMOJI.items():
        sentiment = Sentiment(label, 1.0, {label: 1.0}, "any", truncated=False)
        assert emoji in json.dumps(result(Assessment(sentiment)).blocks, ensure_ascii=False)
