"""Commands about files of messages: `report` and `evaluate`."""

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Bot


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
        ["Too few people to report without identifying anyone."],
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
