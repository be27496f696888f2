"""Slack exports, intact and broken."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BotError
from bot.reports.sources.slack_export import Limits, SlackExport

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


def write_folder(path: Path, files: dict[str, Any] = FILES) -> Path:
    """Write an export as a folder."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def write_zip(path: Path, files: dict[str, Any] = FILES, prefix: str = "") -> Path:
    """Write an export as a ZIP file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(prefix + name, content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("form", ["folder", "zip", "zip of the folder"])
def test_export(tmp_path: Path, form: str) -> None:
    """People's messages and replies are read once; joins, bots, files without text and other channels are skipped."""
    if form == "folder":
        path = write_folder(tmp_path / "export")
    else:
        path = write_zip(tmp_path / "export.zip", prefix="export/" if form == "zip of the folder" else "")
    source = SlackExport(path, "#general")
    for _ in range(2):  # a report reads twice
        messages = list(source.messages())
        assert [(message.text, message.author) for message in messages] == [
            ("I love <https://x.example|this>", "U1"),
            ("a reply", "U2"),
        ]
        assert messages[0].time == datetime(2026, 1, 1, 0, 0, 0, 100, UTC)
        assert (source.skipped.no_words, source.skipped.untimed, source.skipped.rows) == (4, 1, 1)
        assert [name.partition(" ")[0] for name in source.skipped.files] == ["general/canvas_in_the_conversation.json"]
    assert "Ana Lee" in source.names
    assert len(list(SlackExport(path, None).messages())) == 3


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"x" * 33 * 2**20])
def test_broken_file(tmp_path: Path, content: bytes) -> None:
    """A file that is no list of messages is named and skipped; the others are read."""
    source = SlackExport(write_folder(tmp_path, FILES | {"general/2026-01-02.json": content}), "general")
    assert len(list(source.messages())) == 2
    assert source.skipped.files[0].startswith("general/2026-01-02.json (")


@pytest.mark.parametrize("field", ["type", "user", "text", "ts", "subtype", "bot_id", "name", "id", "profile"])
@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_odd_values(tmp_path: Path, field: str, value: object) -> None:
    """Whatever the type of a field, the other messages are read."""
    odd = {
        name: [*content, {"type": "message", "user": "U1", "text": "hi", "is_bot": True, "ts": "1767225600.5"}]
        for name, content in FILES.items()
        if isinstance(content, list)
    }
    for content in odd.values():
        content[-1] = {**content[-1], field: value}
    messages = list(SlackExport(write_folder(tmp_path, odd), "general").messages())
    assert [message.text for message in messages][:2] == ["I love <https://x.example|this>", "a reply"]


def test_no_export(tmp_path: Path) -> None:
    """Other folders and ZIP files, a damaged ZIP file and an unknown channel are errors of one line."""
    (tmp_path / "damaged.zip").write_bytes(b"PK\3\4 and no more")
    export = write_folder(tmp_path / "export")
    for path, channel in [
        (tmp_path, None),
        (write_zip(tmp_path / "other.zip", {"a.json": []}), None),
        (tmp_path / "damaged.zip", None),
        (tmp_path / "nowhere.zip", None),
        (export, "nowhere"),
    ]:
        with pytest.raises(BotError) as raised:
            SlackExport(path, channel)
        assert len(str(raised.value).splitlines()) == 1


def test_compression_ratio(tmp_path: Path) -> None:
    """A ZIP file with an extreme compression ratio is refused before it is unpacked."""
    with pytest.raises(BotError, match="200 times"):
        SlackExport(write_zip(tmp_path / "a.zip", FILES | {"general/2026-01-02.json": b" " * 2**22}), None)


@pytest.mark.parametrize("limits", [Limits(files=4), Limits(total_bytes=4), Limits(directory_bytes=4)])
def test_limits(tmp_path: Path, limits: Limits) -> None:
    """A ZIP file with too many files or too many bytes is refused before it is unpacked."""
    path = write_zip(tmp_path / "export.zip")
    assert list(SlackExport(path, None).messages())
    with pytest.raises(BotError, match="is not read"):
        SlackExport(path, None, limits)


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_large_file(tmp_path: Path, form: str) -> None:
    """A file above the limit is named and skipped."""
    write = write_folder if form == "folder" else write_zip
    source = SlackExport(write(tmp_path / "export"), "general", Limits(file_bytes=300))
    assert list(source.messages()) == []
    assert "larger than" in source.skipped.files[0]
