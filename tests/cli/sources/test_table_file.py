"""CSV and JSONL files, intact and broken."""

import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.sources.table_file import TableFile, read_time
from bot.errors import BotError

UTC_ZONE = ZoneInfo("UTC")


def test_csv(tmp_path: Path) -> None:
    """Columns may have any order and case, texts may contain line feeds, and malformed rows are counted."""
    file = tmp_path / "messages.csv"
    file.write_text(
        '\ufeffTime,Channel,Author,TEXT\n2026-01-01T12:00:00+01:00,general,ana,"two\nlines"\n1767225600,random,,x\n'
        "soon,general,ben,late\nonly one field\n",
        encoding="utf-8",
    )
    source = TableFile(file, UTC_ZONE, None)
    messages = list(source.messages())
    assert [(one.text, one.author) for one in messages] == [("two\nlines", "ana"), ("x", None)]
    assert messages[0].time == datetime(2026, 1, 1, 11, tzinfo=UTC)
    assert (source.skipped.rows, source.skipped.untimed) == (1, 1)
    assert [one.text for one in TableFile(file, UTC_ZONE, "general").messages()] == ["two\nlines"]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
@pytest.mark.parametrize("channel", ["general", "#general", " general ", "général", "雑談"])
def test_channels(tmp_path: Path, name: str, channel: str) -> None:
    """A channel is found with or without its sign; an unknown one is an error that lists the channels."""
    written = unicodedata.normalize("NFD", channel)
    rows = [("hello", written), ("elsewhere", "random"), ("nowhere", "")]
    if name == "a.jsonl":
        lines = [json.dumps({"text": text, "channel": place}) for text, place in rows]
    else:
        lines = ["text,channel", *(f"{text},{place}" for text, place in rows)]
    file = tmp_path / name
    file.write_text("\n".join(lines), encoding="utf-8")
    for asked in (channel, f"#{channel.strip().removeprefix('#')}"):
        assert [one.text for one in TableFile(file, UTC_ZONE, asked).messages()] == ["hello"]
    with pytest.raises(BotError, match=r"has no channel nope\. It has: .*random"):
        list(TableFile(file, UTC_ZONE, "nope").messages())


@pytest.mark.parametrize("content", ["text\nhello\n", "text,channel\n", "text,channel\nhello,\n"])
def test_no_channels(tmp_path: Path, content: str) -> None:
    """A file without channels has none to select."""
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(BotError, match=r"It has: none\."):
        list(TableFile(tmp_path / "a.csv", UTC_ZONE, "general").messages())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """A byte order mark determines the encoding; spreadsheets save texts as UTF-16."""
    (tmp_path / "a.tsv").write_text("author\ttext\nana\t雑談 🙂\n", encoding=encoding)
    assert [one.text for one in TableFile(tmp_path / "a.tsv", UTC_ZONE, None).messages()] == ["雑談 🙂"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("content", [b"PK\3\4\x14\0\0\0", "text\nhello\n".encode("utf-16-le"), b"%PDF-1.7\ntext"])
def test_no_text_file(tmp_path: Path, name: str, content: bytes) -> None:
    """A file that is not text is refused."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BotError, match="is not text in UTF-8"):
        list(TableFile(tmp_path / name, UTC_ZONE, None).messages())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    """Semicolons and tabs separate columns too."""
    file = tmp_path / "messages.tsv"
    file.write_text(f"author{delimiter}text\nana{delimiter}hello, you\n")
    assert [(one.text, one.author) for one in TableFile(file, UTC_ZONE, None).messages()] == [("hello, you", "ana")]


def test_csv_without_texts(tmp_path: Path) -> None:
    """Without a column ``text``, the error says which columns are needed."""
    (tmp_path / "a.csv").write_text("words\nhello\n")
    with pytest.raises(BotError, match="no column called text"):
        list(TableFile(tmp_path / "a.csv", UTC_ZONE, None).messages())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", "time,author,text\n2026-11-20,ana,hello\n"),
        ("a.jsonl", '[{"text": "hello"}]'),
        ("a.csv", "author,text\nana,hello,too many\n"),
    ],
)
def test_only_malformed_records(tmp_path: Path, name: str, content: str) -> None:
    """A file without an intact record, such as CSV under another name, is an error."""
    (tmp_path / name).write_text(content)
    with pytest.raises(BotError, match="records are malformed"):
        list(TableFile(tmp_path / name, UTC_ZONE, None).messages())


def test_separator_line(tmp_path: Path) -> None:
    """A line for spreadsheets that names the separator is not the header."""
    (tmp_path / "a.csv").write_text("sep=;\ntext;author\nhello, you;ana\n")
    assert [one.text for one in TableFile(tmp_path / "a.csv", UTC_ZONE, None).messages()] == ["hello, you"]


def test_jsonl(tmp_path: Path) -> None:
    """Each line is an object; other lines and those of more than a million characters are counted."""
    file = tmp_path / "messages.jsonl"
    lines = [
        '{"text": "fine", "author": "ana"}',
        "{",
        "[1]",
        '{"text": 5}',
        "",
        '"' + "x" * 3_000_000 + '"',
        '{"text": "end"}',
    ]
    file.write_text("\n".join(lines))
    source = TableFile(file, UTC_ZONE, None)
    assert [one.text for one in source.messages()] == ["fine", "end"]
    assert source.skipped.rows == 4


def test_times() -> None:
    """ISO 8601 and Unix times are read; a time without a zone is in the report's zone."""
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    for written in ("2026-07-01T12:00:00Z", "2026-07-01 14:00:00", 1782907200, "1782907200.0", 1782907200000):
        assert read_time(written, berlin) == noon


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.lists(st.integers())))
def test_odd_times(value: object) -> None:
    """Any value gives a plausible time or None."""
    found = read_time(value, UTC_ZONE)
    assert found is None or 1989 < found.year < 2200
