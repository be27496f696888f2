"""The command `report`."""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Bot
from tests.cli.sources.test_slack_export import write_zip


def chat(path: Path, people: int = 7, messages: int = 120) -> Path:
    """Write a CSV file of messages by ``people`` authors over two weeks."""
    texts = ("the deploy failed again, I hate this", "thanks, lovely work", "the meeting is at five")
    rows = [
        f'2026-01-{1 + i * 14 // messages:02}T12:{i % 60:02}:00Z,person{i % people},general,"{texts[i % 3]}"'
        for i in range(messages)
    ]
    path.write_text("\n".join(["time,author,channel,text", *rows]) + "\n")
    return path


def test_report(bot: Bot, tmp_path: Path) -> None:
    """`report` shows counts, shares, the trend and words, writes a chart and a table, and quotes nobody."""
    chat(tmp_path / "chat.csv")
    done = bot("report", "chat.csv", "--channel", "general", "--window", "7d", "--png", "a.png", "--csv", "a.csv")
    assert (done.code, done.err) == (0, "Wrote a.png.\nWrote a.csv.\n")
    assert "#general, 2026-01-08 to 2026-01-14 (UTC)" in done.out
    assert "🙁 NEGATIVE" in done.out
    assert "no day stands out." in done.out
    assert "Words that go with NEGATIVE (of all messages with the word):" in done.out
    assert "failed (20 of 20)" in done.out
    assert "meeting is" not in done.out
    assert "person" not in done.out
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (
        (tmp_path / "a.csv")
        .read_text()
        .startswith("from,to,messages,NEGATIVE,NEUTRAL,POSITIVE\n2026-01-08T00:00:00+00:00")
    )


def test_report_json(bot: Bot, tmp_path: Path) -> None:
    """`--json` has labels with intervals and changes, the trend and the words."""
    chat(tmp_path / "chat.csv")
    (result,) = bot("report", "chat.csv", "--window", "7d", "--timezone", "Asia/Kolkata", "--json").lines
    labels = result["labels"]
    assert isinstance(labels, list)
    assert {row["label"]: row["count"] for row in labels} == {"NEGATIVE": 20, "NEUTRAL": 20, "POSITIVE": 20}
    assert all(row["low"] < row["share"] < row["high"] and row["change"]["share"] == 0 for row in labels)
    assert result["from"] == "2026-01-08T00:00:00+05:30"
    assert result["withheld"] is None


def test_report_with_nothing_to_compare_with(bot: Bot, tmp_path: Path) -> None:
    """If the window before has too few messages, the report says that there is nothing to compare with."""
    chat(tmp_path / "chat.csv")
    done = bot("report", "chat.csv", "--window", "30d")
    assert "Nothing to compare with: too few messages or people in the 30 days before." in done.out
    assert "(UTC), no messages before 2026-01-01" in " ".join(done.out.split())
    assert "points" not in done.out


def test_report_of_few_people(bot: Bot, tmp_path: Path) -> None:
    """A report over four people has no shares, no counts and no words."""
    chat(tmp_path / "chat.csv", people=4)
    done = bot("report", "chat.csv", "--png", "a.png")
    assert (done.code, done.out.splitlines()[1:]) == (
        0,
        ["Too few people to report without identifying anyone."],
    )
    (result,) = bot("report", "chat.csv", "--json").lines
    assert (result["messages"], result["labels"], result["trend"], result["words"]) == (0, [], [], [])


def test_report_in_other_languages(bot: Bot, tmp_path: Path) -> None:
    """Messages in languages that the model does not read are not counted, and a note says so."""
    (tmp_path / "texts.csv").write_text("text\nI love this\n정말 싫어요\nการนำเสนอนั้นน่าเบื่อและยาวมาก ไม่อยากฟังอีกแล้ว\n")
    (result,) = bot("report", "texts.csv", "--json").lines
    assert result["messages"] == 2
    assert "1 message skipped: in a language that the model does not read" in str(result["notes"])
    assert result["words_missing"] is False


def test_report_of_text_without_spaces(bot: Bot, tmp_path: Path) -> None:
    """Chinese messages are counted, and the report says that it does not cover their words."""
    (tmp_path / "texts.csv").write_text("text\nI love this\n构建又失败了\n")
    shown = bot("report", "texts.csv").out
    assert "2 messages" in shown
    assert "Words are not available for Chinese" in shown
    (result,) = bot("report", "texts.csv", "--json").lines
    assert result["words_missing"] is True


def test_report_without_times_and_authors(bot: Bot, tmp_path: Path) -> None:
    """Texts without times and authors get shares and a warning, but no trend."""
    (tmp_path / "texts.csv").write_text("text\nI love this\nI hate this\n...\n")
    done = bot("report", "texts.csv", "--png", "a.png")
    assert "2 messages" in done.out
    assert "stands out" not in done.out
    assert "does not name authors" in done.err
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
        (["chat.csv", "--channel", "nope"], 1, "general"),
    ],
)
def test_report_errors(bot: Bot, tmp_path: Path, arguments: list[str], code: int, named: str) -> None:
    """An unusable file, time zone or path for the chart is reported in one line."""
    chat(tmp_path / "chat.csv")
    done = bot("report", *arguments)
    assert (done.code, len(done.err.splitlines())) == (code, 1)
    assert named in done.err


def test_report_on_an_export(bot: Bot, tmp_path: Path) -> None:
    """What is left out of an export is in notes, whose text cannot move the cursor."""
    day = [
        {"type": "message", "user": f"U{i}", "text": "I love this", "ts": f"{1767225600 + i}.0001"} for i in range(6)
    ]
    write_zip(
        tmp_path / "a.zip",
        {
            "groups.json": [{"name": "雑談"}, {"name": "gone\x1b[2J"}, {}],
            "雑談/2026-01-01.json": day,
            "雑談/2026-01-02.json": b"{",
        },
    )
    done = bot("report", "a.zip")
    assert (done.code, "6 messages" in done.out) == (0, True)
    assert done.err.splitlines() == [
        "Note: 1 file skipped, as a whole or in part: 雑談/2026-01-02.json (not a list in JSON).",
        "Note: 1 channel without a folder: gone [2J.",
        "Note: 1 malformed record skipped.",
    ]
    assert "no channel nope. It has: gone [2J, 雑談." in bot("report", "a.zip", "--channel", "nope").err


def test_report_on_direct_messages(bot: Bot, tmp_path: Path) -> None:
    """An export of direct messages gives an empty report, and a note says why."""
    write_zip(tmp_path / "a.zip", {"dms.json": [{"id": "D1"}], "D1/2026-01-01.json": []})
    done = bot("report", "a.zip")
    assert (done.code, "No messages" in done.out) == (0, True)
    assert "direct messages only" in done.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("window", "hours", "slots", "cells"), [("24h", 1, 24, 48), ("30d", 24, 30, 30), ("90d", 24, 90, 90)]
)
def test_report_width(bot: Bot, tmp_path: Path, window: str, hours: int, slots: int, cells: int) -> None:
    """A report has at most 80 columns, and shows every slot of its window."""
    words = ("disappointing", "infrastructure", "wonderful", "documentation", "좋은발표였다")
    rows = [
        f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours * i)},p{person},"
        f"I {'hate' if i % 4 else 'love'} this {words[i % 5]} {words[(i + person) % 5]}"
        for i in range(2 * slots)
        for person in range(5)
    ]
    name = f"{'long' * 12}.csv"
    (tmp_path / name).write_text("\n".join(["time,author,text", *rows]))
    lines = bot("report", name, "--window", window).out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    trend = [line.removeprefix("NEGATIVE  ") for line in lines if line.startswith("NEGATIVE  ")]
    assert len("".join(trend)) == cells
    dates = " ".join(line for line in lines if re.fullmatch(r" {10}2026-[-0-9: ]+", line))
    first, last = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours * i) for i in (slots, 2 * slots - 1))
    form = "%Y-%m-%d" if hours == 24 else "%Y-%m-%d %H:%M"
    assert dates.split()[0] == f"{first:%Y-%m-%d}"
    assert dates.endswith(f"{last:{form}}")


@pytest.mark.parametrize("window", ["5d", "", "7", "7D", "-1"])
def test_report_window(bot: Bot, window: str) -> None:
    """Any other window is refused with the windows that there are."""
    done = bot("report", "chat.csv", "--window", window)
    assert done.code == 2
    assert done.err.splitlines()[-1] == "Error: Invalid value for '--window': it must be one of 24h, 7d, 30d, 90d"


def test_report_without_matplotlib(bot: Bot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, `--png` is refused at once, in a line that names the extra."""
    chat(tmp_path / "chat.csv")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = bot("report", "chat.csv", "--png", "a.png")
    assert (done.code, done.out, '.venv/bin/pip install -e ".[report]"' in done.err) == (1, "", True)
