"""The command line, as somebody at a terminal or a program at the other end of a pipe meets it."""

import io
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from transformers import pipeline

from bot import cli
from bot.figures import EMOJI
from bot.sentiment import loading
from bot.sentiment.classifier import Classifier
from bot.sentiment.types import Sentiment
from bot.slack.blocks.result import result
from bot.slack.verdict import Verdict
from bot.store import optouts, watches
from bot.store.database import opened
from bot.store.watches import Watch

VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SECRETS_KEY",
    "SLACK_API_URL",
    "SENTIMENT_MODEL",
    "SENTIMENT_MODEL_REVISION",
    "METRICS_PORT",
    "METRICS_HOST",
    "SENTIMENT_PRECISION",
    "SENTIMENT_DEVICE",
    "PORT",
)


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        """The JSON objects that it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Bot = Callable[..., Done]


@pytest.fixture
def bot(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, classifier: Classifier
) -> Bot:
    """Run a command in this process, in an empty folder, with an environment of its own."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: bytes = b"", **environment: str) -> Done:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["sentiment-bot", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run


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
        "import sys; from bot import cli\ntry: cli.main()\nfinally: print({'torch', 'transformers'} & set(sys.modules))"
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
    shutil.copytree(loading.EMBEDDED, copy)
    changed = bytearray((copy / name).read_bytes())
    changed[len(changed) // 2] ^= 1
    (copy / name).write_bytes(changed[:-1] if cut else changed)
    monkeypatch.setattr(loading, "EMBEDDED", copy)
    monkeypatch.setattr("bot.sentiment.checkpoint.EMBEDDED", copy)
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
    with opened(url) as database:
        database.do_now(watches.add, "T11", "C11", Watch("U11"))
        database.do_now(optouts.add, "T11", "U11")
    done = bot("forget", "--user", "U11", DATABASE_URL=url)
    assert (done.code, done.err) == (0, "")
    first, line, kept = done.out.splitlines()
    assert first == "Removed of U11:"
    assert "1 × name of who asked" in line
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


def chat(path: Path, people: int = 7, messages: int = 120) -> Path:
    """Write a made-up channel as CSV: as many people, over two weeks."""
    said = ("the deploy failed again, I hate this", "thanks, lovely work", "the meeting is at five")
    rows = [
        f'2026-01-{1 + i * 14 // messages:02}T12:{i % 60:02}:00Z,person{i % people},general,"{said[i % 3]}"'
        for i in range(messages)
    ]
    path.write_text("\n".join(["time,author,channel,text", *rows]) + "\n")
    return path


def test_report(bot: Bot, tmp_path: Path) -> None:
    """`report` shows counts, shares, the trend and words, writes a picture and a table, and tells no text."""
    chat(tmp_path / "chat.csv")
    done = bot("report", "chat.csv", "--channel", "general", "--window", "7d", "--png", "a.png", "--csv", "a.csv")
    assert (done.code, done.err) == (0, "")
    assert "#general, 2026-01-08 to 2026-01-14 (UTC)" in done.out
    assert "🙁 NEGATIVE" in done.out
    assert "No day stands out." in done.out
    assert "failed (" in done.out
    assert "meeting is" not in done.out
    assert "person" not in done.out
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (
        (tmp_path / "a.csv")
        .read_text()
        .startswith("from,to,messages,NEGATIVE,NEUTRAL,POSITIVE\n2026-01-08T00:00:00+00:00")
    )


def test_report_json(bot: Bot, tmp_path: Path) -> None:
    """`--json` has every figure: labels with intervals and changes, the trend, the words."""
    chat(tmp_path / "chat.csv")
    (made,) = bot("report", "chat.csv", "--window", "7d", "--timezone", "Asia/Kolkata", "--json").lines
    labels = made["labels"]
    assert isinstance(labels, list)
    assert {row["label"]: row["count"] for row in labels} == {"NEGATIVE": 20, "NEUTRAL": 20, "POSITIVE": 20}
    assert all(row["low"] < row["share"] < row["high"] and row["change"]["share"] == 0 for row in labels)
    assert made["from"] == "2026-01-08T00:00:00+05:30"
    assert made["withheld"] is None


def test_report_of_few_people(bot: Bot, tmp_path: Path) -> None:
    """Of four people nothing is said: no share, no count, no word."""
    chat(tmp_path / "chat.csv", people=4)
    done = bot("report", "chat.csv", "--png", "a.png")
    assert (done.code, done.out.splitlines()[1:]) == (
        0,
        ["Too few people to say without pointing at someone."],
    )
    (made,) = bot("report", "chat.csv", "--json").lines
    assert (made["messages"], made["labels"], made["trend"], made["words"]) == (0, [], [], [])


def test_report_of_texts_alone(bot: Bot, tmp_path: Path) -> None:
    """Texts without times and authors get shares, without a trend and with a word of warning."""
    (tmp_path / "texts.csv").write_text("text\nI love this\nI hate this\n...\n")
    done = bot("report", "texts.csv", "--png", "a.png")
    assert "2 messages" in done.out
    assert "stands out" not in done.out
    assert "does not say who wrote" in done.err
    (tmp_path / "none.csv").write_text("text\n")
    assert "No messages" in bot("report", "none.csv", "--png", "b.png").out


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["nowhere.zip"], 1, "nowhere.zip"),
        (["notes.txt"], 1, "notes.txt"),
        (["chat.csv", "--timezone", "Mars/Base"], 78, "Mars/Base"),
        (["chat.csv", "--png", "nowhere/a.png"], 1, "nowhere/a.png"),
        (["."], 1, "channels.json"),
    ],
)
def test_report_of_what_cannot_be(bot: Bot, tmp_path: Path, arguments: list[str], code: int, named: str) -> None:
    """A file, a time zone or a place for the picture that cannot be had is one line."""
    chat(tmp_path / "chat.csv")
    done = bot("report", *arguments)
    assert (done.code, len(done.err.splitlines())) == (code, 1)
    assert named in done.err


def test_report_without_matplotlib(bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pictures cannot be drawn one line names the extra, before any work."""
    chat(tmp_path / "chat.csv")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = bot("report", "chat.csv", "--png", "a.png")
    assert (done.code, done.out, "sentiment-bot[report]" in done.err) == (1, "", True)


def test_evaluate(bot: Bot, tmp_path: Path) -> None:
    """`evaluate` counts what is right and shows what is most wrong, and what is slowest."""
    (tmp_path / "a.tsv").write_text(
        "text\tlabel\nI love this\tPOSITIVE\nI hate this\tnegative\n"
        "the meeting is at five\tNEUTRAL\nso awful\tPOSITIVE\n"
    )
    (found,) = bot("evaluate", "a.tsv", "--json").lines
    assert (found["texts"], found["accuracy"]) == (4, 0.75)
    assert found["confusion"] == [[1, 0, 0], [0, 1, 0], [1, 0, 1]]
    shown = bot("evaluate", "a.tsv").out
    assert "accuracy 75.0 %" in shown
    assert "is POSITIVE: so awful" in shown
    assert "ms" in shown


@pytest.mark.parametrize(
    "content", ["", "text\tlabel\n", "no tab\n", "fine\tPOSITIVE\nfine\tGOOD\n", "a\tb\tPOSITIVE\n"]
)
def test_evaluate_of_what_cannot_be(bot: Bot, tmp_path: Path, content: str) -> None:
    """A file without labelled texts, or with a label that the model has not, is one line."""
    (tmp_path / "a.tsv").write_text(content)
    done = bot("evaluate", "a.tsv")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "a.tsv" in done.err


def test_one_vocabulary() -> None:
    """The emoji of a label are the same in Slack and in the terminal."""
    for label, emoji in EMOJI.items():
        sentiment = Sentiment(label, 1.0, {label: 1.0}, "any", truncated=False)
        assert emoji in json.dumps(result(Verdict(sentiment)).blocks, ensure_ascii=False)
