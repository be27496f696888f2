"""Commands about texts, as somebody at a terminal or a program at the other end of a pipe meets them."""

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
from transformers import pipeline

from bot.sentiment.classifier import Classifier
from bot.sentiment.formatting import EMOJI
from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Assessment
from bot.slack.features.analysis.blocks import result
from tests.cli.conftest import Bot


def test_analyze(bot: Bot) -> None:
    """Each text gets a line with label, bar and percentage, in order."""
    done = bot("analyze", "I love this", "I hate this so much!")
    first, second = done.out.splitlines()
    assert done.code == 0
    assert first.startswith("POSITIVE")
    assert "█" in first
    assert first.endswith("I love this")
    assert second.startswith("NEGATIVE")


def test_export(bot: Bot, classifier: Classifier) -> None:
    """Hugging Face's own pipeline gives the same labels and scores from the folder that `export` writes."""
    texts = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:"]
    done = bot("export", "model")
    assert (done.code, done.err) == (0, "")
    found = pipeline("text-classification", model="model", device="cpu")(texts)
    for theirs, ours in zip(found, classifier.classify(texts), strict=True):
        assert (theirs["label"], theirs["score"]) == (ours.label, pytest.approx(ours.score, abs=1e-5))


def test_export_spares_what_is_there(bot: Bot, tmp_path: Path) -> None:
    """A folder that holds something, or a file, is not written to."""
    (tmp_path / "mine").write_text("mine")
    for place in (".", "mine"):
        done = bot("export", place)
        assert done.code == 78
        assert len(done.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_analyze_json(bot: Bot, classifier: Classifier) -> None:
    """`--json` prints exactly the promised fields, with the model's own figures."""
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
    """A text that the model was not made for says so in a line of its own, and in JSON."""
    done = bot("analyze", "정말 감사합니다", "I love this")
    first, second, third = done.out.splitlines()
    assert first.endswith("정말 감사합니다")
    assert second.strip() == "looks like Korean; this model reads English"
    assert third.startswith("POSITIVE")
    (result,) = bot("analyze", "--json", "정말 감사합니다").lines
    assert result["looks_like"] == "Korean"


def test_analyze_tokens(bot: Bot) -> None:
    """`--tokens` adds the breakdown: for people words with their pushes, in JSON every token."""
    shown = bot("analyze", "--tokens", "HuggingFace is awful").out
    assert "▲" in shown
    assert "HuggingFace" in shown
    assert "##" not in shown
    (result,) = bot("analyze", "--json", "--tokens", "HuggingFace").lines
    tokens = result["tokens"]
    assert isinstance(tokens, list)
    assert [set(token) for token in tokens] == [{"text", "id", "start", "end", "special", "attribution"}] * 4
    assert [token["text"] for token in tokens] == ["[CLS]", "hugging", "##face", "[SEP]"]


def test_nothing_to_judge(bot: Bot) -> None:
    """A text without word or emoji says so and is no failure."""
    done = bot("analyze", "...")
    assert (done.code, "nothing to judge" in done.out) == (0, True)
    (result,) = bot("analyze", "--json", "--tokens", "...").lines
    assert (result["label"], result["score"], result["scores"], result["tokens"]) == (None, None, {}, [])


LINES = "I love this\r\n\nbad\u2028line\x0b \u2029 day\n\xa0\n".encode() + b"\xff\xfe broken\nno end"


@pytest.mark.parametrize("by_file", [False, True])
def test_one_text_a_line(bot: Bot, tmp_path: Path, by_file: bool) -> None:
    """Standard input and files are read line by line, blank lines too; only line feeds end a line."""
    (tmp_path / "texts.txt").write_bytes(LINES)
    done = bot("analyze", "--json", "--file", "texts.txt") if by_file else bot("analyze", "--json", "-", stdin=LINES)
    texts = [line["text"] for line in done.lines]
    assert texts == ["I love this", "", "bad\u2028line\x0b \u2029 day", "\xa0", "\ufffd\ufffd broken", "no end"]
    assert [line["label"] is None for line in done.lines] == [False, True, False, True, False, False]
    assert done.err == ""


def test_a_pipe_as_file(bot: Bot, tmp_path: Path) -> None:
    """A file that can be read only once, as the shell's <(…) gives, is read like any other."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("I love this\nI hate this\n",))
    writer.start()
    done = bot("analyze", "--json", "--file", "pipe")
    writer.join()
    assert [line["text"] for line in done.lines] == ["I love this", "I hate this"]


def test_a_terminal_without_utf_8() -> None:
    """Where the output takes ASCII only, what it cannot show becomes question marks."""
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = (sys.executable, "-m", "bot", "analyze", "I love this")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=ascii_only, check=True)  # noqa: S603 - our own command
    assert done.stdout.startswith("POSITIVE  ????")


def test_many_lines(bot: Bot, classifier: Classifier) -> None:
    """A thousand lines come out in order, whatever their lengths."""
    texts = [f"number {i} is {'good ' * (i % 9)}" for i in range(1000)]
    done = bot("analyze", "--json", "-", stdin="\n".join(texts).encode())
    assert [line["text"] for line in done.lines] == texts


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "\u202eabc", "x" * 40_000, "\x1b[31mred"])
def test_odd_texts(bot: Bot, text: str) -> None:
    """Odd characters are judged, and shown without what could confuse a terminal."""
    (result,) = bot("analyze", "--json", text).lines
    assert (result["text"], result["label"] is None) == (text, False)
    shown = bot("analyze", "--tokens", text).out
    assert not set(shown) & set("\x00\x1b\u202e\ud800")


def test_trace(bot: Bot) -> None:
    """`trace` shows each step; `--json` has the promised fields."""
    shown = bot("trace", "HuggingFace rocks", "I hate this so much!").out
    for step in ("words", "punctuation", "characters", "subwords", "##face", "attention_mask", "logits", "softmax"):
        assert step in shown
    (traced,) = bot("trace", "--json", "HuggingFace rocks", "I hate this so much!").lines
    assert traced["last_hidden_state_shape"] == [2, 8, 384]
    assert {"input_ids", "attention_mask", "logits", "probabilities", "id2label"} <= set(traced)
    assert traced["attention_mask"] == [[1, 1, 1, 1, 1, 0, 0, 0], [1] * 8]


def test_trace_of_nothing(bot: Bot) -> None:
    """An empty text still has its special tokens and a label, as in the lecture's pipeline."""
    (traced,) = bot("trace", "--json", "").lines
    assert traced["input_ids"] == [[101, 102]]


def in_terminal(*command: str) -> Iterator[bytes]:
    """Run a command in a terminal and yield what it writes there."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)  # noqa: S606 - our own interpreter, without a shell
    while select.select([terminal], [], [], 120)[0]:
        try:
            written = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not written:
            break
        yield written
    os.waitpid(pid, 0)
    os.close(terminal)


def test_progress_on_a_terminal_only(tmp_path: Path) -> None:
    """Reading lines shows a progress bar on a terminal, and none where the output goes into a pipe."""
    texts = tmp_path / "texts.txt"
    texts.write_text("I love this\n" * 20)
    command = (sys.executable, "-m", "bot", "analyze", "--file", str(texts))
    shown = b"".join(in_terminal(*command)).decode()
    assert "judging" in shown
    assert shown.count("POSITIVE") == 20
    as_json = b"".join(in_terminal(*command, "--json")).decode()
    assert [json.loads(line)["label"] for line in re.findall(r"\{.*\}", as_json)] == ["POSITIVE"] * 20
    piped = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603 - as above
    assert piped.stderr == ""
    assert piped.stdout.count("POSITIVE") == 20
    assert "\x1b" not in piped.stdout


def test_one_vocabulary() -> None:
    """The emoji of a label are the same in Slack and in the terminal."""
    for label, emoji in EMOJI.items():
        sentiment = Sentiment(label, 1.0, {label: 1.0}, "any", truncated=False)
        assert emoji in json.dumps(result(Assessment(sentiment)).blocks, ensure_ascii=False)
