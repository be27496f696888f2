"""Files of messages: Slack's exports, CSV and JSONL, whole and broken."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.reports.sources import slack_export
from bot.reports.sources.slack_export import SlackExport
from bot.reports.sources.table_file import TableFile, read_time

UTC_ZONE = ZoneInfo("UTC")
DAY: list[Any] = [
    {"type": "message", "user": "U1", "text": "I love <https://x.example|this>", "ts": "1767225600.000100"},
    {"type": "message", "user": "U2", "text": "a reply", "ts": "1767225601.0", "thread_ts": "1767225600.000100"},
    {"type": "message", "user": "U2", "text": "a reply", "ts": "1767225601.0", "subtype": "thread_broadcast"},
    {"type": "message", "user": "U1", "text": "<@U1> has joined", "ts": "1767225602.0", "subtype": "channel_join"},
    {"type": "message", "text": "I am a bot", "bot_id": "B1", "ts": "1767225603.0", "subtype": "bot_message"},
    {"type": "message", "user": "U3", "text": "a robot's words", "ts": "1767225604.0"},
    {"type": "message", "user": "U1", "text": "", "files": [{}], "ts": "1767225605.0"},
    {"type": "message", "user": "U1", "text": "when?", "ts": "never"},
    "no object",
]
FILES: dict[str, Any] = {
    "channels.json": [{"id": "C1", "name": "general"}, {"id": "C2", "name": "random"}],
    "users.json": [
        {"id": "U1", "name": "ana", "profile": {"real_name": "Ana Lee"}},
        {"id": "U3", "name": "robot", "is_bot": True},
    ],
    "general/2026-01-01.json": DAY,
    "random/2026-01-01.json": [{"type": "message", "user": "U1", "text": "elsewhere", "ts": "1767225600.0"}],
    "general/canvas_in_the_conversation.json": {},
}


def folder(place: Path, files: dict[str, Any] = FILES) -> Path:
    """Write an export as a folder."""
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return place


def zipped(place: Path, files: dict[str, Any] = FILES, top: str = "") -> Path:
    """Write an export as a zip."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(top + name, content if isinstance(content, bytes) else json.dumps(content).encode())
    return place


@pytest.mark.parametrize("form", ["folder", "zip", "zip of the folder"])
def test_an_export(tmp_path: Path, form: str) -> None:
    """People's messages and replies are read once each; joins, bots, files without text and other channels are not."""
    if form == "folder":
        place = folder(tmp_path / "export")
    else:
        place = zipped(tmp_path / "export.zip", top="export/" if form == "zip of the folder" else "")
    source = SlackExport(place, "#general")
    for _ in range(2):  # twice, as a report reads
        messages = list(source.messages())
        assert [(message.text, message.author) for message in messages] == [
            ("I love <https://x.example|this>", "U1"),
            ("a reply", "U2"),
        ]
        assert messages[0].time == datetime(2026, 1, 1, 0, 0, 0, 100, UTC)
        assert (source.skipped.no_words, source.skipped.untimed, source.skipped.rows) == (4, 1, 1)
        assert [name.partition(" ")[0] for name in source.skipped.files] == ["general/canvas_in_the_conversation.json"]
    assert "Ana Lee" in source.names
    assert len(list(SlackExport(place, None).messages())) == 3


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"x" * 33 * 2**20])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    """A file that is no list of messages is named and skipped; the others are read."""
    source = SlackExport(folder(tmp_path, FILES | {"general/2026-01-02.json": content}), "general")
    assert len(list(source.messages())) == 2
    assert source.skipped.files[0].startswith("general/2026-01-02.json (")


def test_what_is_no_export(tmp_path: Path) -> None:
    """A folder or zip of something else, a damaged zip and an unknown channel are one line each."""
    (tmp_path / "damaged.zip").write_bytes(b"PK\3\4 and no more")
    export = folder(tmp_path / "export")
    for place, channel in [
        (tmp_path, None),
        (zipped(tmp_path / "other.zip", {"a.json": []}), None),
        (tmp_path / "damaged.zip", None),
        (tmp_path / "nowhere.zip", None),
        (export, "nowhere"),
    ]:
        with pytest.raises(BotError) as raised:
            SlackExport(place, channel)
        assert len(str(raised.value).splitlines()) == 1


def test_a_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip that unpacks to too much, by ratio, in all, or by number of files, is refused before it is unpacked."""
    ratio = zipped(tmp_path / "ratio.zip", FILES | {"general/2026-01-02.json": b" " * 2**22})
    ordinary = zipped(tmp_path / "ordinary.zip")
    with pytest.raises(BotError, match="200 times"):
        SlackExport(ratio, None)
    for limit in ("MOST_MEMBERS", "MOST_BYTES", "_MOST_DIRECTORY_BYTES"):
        with monkeypatch.context() as patched:
            patched.setattr(slack_export, limit, 4)
            with pytest.raises(BotError, match="is not read"):
                SlackExport(ordinary, None)


def test_csv(tmp_path: Path) -> None:
    """Columns are found by name, in any order and case; texts may have line feeds; broken rows are counted."""
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


def test_csv_without_texts(tmp_path: Path) -> None:
    """One line says which columns there must be."""
    (tmp_path / "a.csv").write_text("words\nhello\n")
    with pytest.raises(BotError, match="no column called text"):
        list(TableFile(tmp_path / "a.csv", UTC_ZONE, None).messages())


def test_jsonl(tmp_path: Path) -> None:
    """An object a line; lines that are something else, or longer than a million characters, are counted."""
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
    """ISO 8601 and Unix times are read; a time without a zone is one of the report's zone."""
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    for written in ("2026-07-01T12:00:00Z", "2026-07-01 14:00:00", 1782907200, "1782907200.0", 1782907200000):
        assert read_time(written, berlin) == noon


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.lists(st.integers())))
def test_odd_times(value: object) -> None:
    """Whatever stands where a time should be, it is a time within reason or none."""
    found = read_time(value, UTC_ZONE)
    assert found is None or 1989 < found.year < 2200
