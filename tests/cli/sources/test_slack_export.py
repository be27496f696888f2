"""Slack exports, intact and broken."""

import json
import tracemalloc
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.sources.export_files import Limits
from bot.cli.sources.slack_export import SlackExport
from bot.errors import BotError

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


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b"[" * 100_000, b"", b"{}", b"nullnull", b"[1,]", b"[1", b"[1]x", b"[]]"]
)
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


MESSAGE = {"type": "message", "user": "U1", "text": "fine", "ts": "1767225600.5"}


def names_without_flag(path: Path) -> Path:
    """Unset the flag that says that the names in a ZIP file are in UTF-8, as Slack does."""
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 7), (b"PK\1\2", 9)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] &= ~8
            at = content.find(signature, at + 1)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["雑談", "잡담", "がぎ", "café", "général-日本", "general"])
@pytest.mark.parametrize("form", ["folder", "marked", "unmarked", "decomposed", "backslashes"])
def test_names_of_channels(tmp_path: Path, name: str, form: str) -> None:
    """A channel's folder is found however the names of files are encoded."""
    folder = unicodedata.normalize("NFD", name) if form == "decomposed" else name
    day = f"{folder}{chr(92) if form == 'backslashes' else '/'}2026-01-01.json"
    files = {"channels.json": [{"name": name}], day: [MESSAGE]}
    path = write_folder(tmp_path / "export", files) if form == "folder" else write_zip(tmp_path / "export.zip", files)
    if form == "unmarked":
        names_without_flag(path)
    for channel in (None, name, f"#{unicodedata.normalize('NFD', name)}"):
        source = SlackExport(path, channel)
        assert [message.text for message in source.messages()] == ["fine"]
        assert source.skipped.channels == []


@pytest.mark.parametrize("channel", [None, "general"])
def test_folders_by_id(tmp_path: Path, channel: str | None) -> None:
    """Folders may have the ids of channels; hidden files, which macOS adds, are no messages."""
    files = {"channels.json": FILES["channels.json"], "C1/2026-01-01.json": DAY[:1], "C1/._2026-01-01.json": b"\0\5"}
    source = SlackExport(write_zip(tmp_path / "a.zip", files), channel)
    assert [message.author for message in source.messages()] == ["U1"]
    assert source.skipped.files == []
    assert source.skipped.channels == (["random"] if channel is None else [])


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_missing_folder(tmp_path: Path, form: str) -> None:
    """A channel that is listed and has no folder is named; one whose folder is empty is not."""
    files = FILES | {"channels.json": [{"name": name} for name in ("general", "gone", "quiet", "random")]}
    if form == "folder":
        path = write_folder(tmp_path / "export", files)
        (path / "quiet").mkdir()
    else:
        path = write_zip(tmp_path / "export.zip", files | {"quiet/": b""})
    for channel, missing in ((None, ["gone"]), ("gone", ["gone"]), ("general", []), ("quiet", [])):
        source = SlackExport(path, channel)
        list(source.messages())
        assert source.skipped.channels == missing


@pytest.mark.parametrize("name", ["users.json", "org_users.json"])
def test_bots_of_an_organization(tmp_path: Path, name: str) -> None:
    """An organization's export lists its people under another name; their bots are left out too."""
    files = {key: value for key, value in FILES.items() if key != "users.json"} | {name: FILES["users.json"]}
    source = SlackExport(write_folder(tmp_path, files), "general")
    assert {message.author for message in source.messages()} == {"U1", "U2"}
    assert "Ana Lee" in source.names


@pytest.mark.parametrize("form", ["folder", "zip of the folder"])
@pytest.mark.parametrize(
    ("name", "messages", "direct_only"),
    [("channels.json", 1, False), ("groups.json", 1, False), ("dms.json", 0, True), ("mpims.json", 0, True)],
)
def test_one_list(tmp_path: Path, form: str, name: str, messages: int, direct_only: bool) -> None:
    """An export may contain one kind of conversation; direct messages are left out, and the source says so."""
    files = {
        name: [{"id": "D1", "name": "general"}],
        "general/2026-01-01.json": [MESSAGE],
        "D1/2026-01-01.json": [MESSAGE],
    }
    path = write_folder(tmp_path / "a", files) if form == "folder" else write_zip(tmp_path / "a.zip", files, "export/")
    source = SlackExport(path, None)
    assert len(list(source.messages())) == messages
    assert source.skipped.direct_messages is direct_only
    assert source.skipped.files == []


@pytest.mark.parametrize("name", ["groups.json", "dms.json", "users.json", "org_users.json", "random/2026-01-01.json"])
@pytest.mark.parametrize("content", [b"null", b" null\n", b"[]", b"\xef\xbb\xbf[ ]"])
def test_empty_lists(tmp_path: Path, name: str, content: bytes) -> None:
    """``null`` is an empty list."""
    files = {key: value for key, value in FILES.items() if "canvas" not in key} | {name: content}
    source = SlackExport(write_folder(tmp_path, files), None)
    assert list(source.messages())
    assert (source.skipped.files, source.skipped.rows) == ([], 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"ts": {}},
        {"ts": [1]},
        {"ts": None},
        {"ts": 5},
        {"user": {}},
        {"user": 5},
        {"subtype": []},
        {"subtype": {}},
        {"text": ["a"]},
        {"type": {}},
        {"bot_id": []},
    ],
)
def test_malformed_messages(tmp_path: Path, broken: dict[str, object]) -> None:
    """A message with a value of a wrong type is counted as malformed; the others are read."""
    files = {"channels.json": [{"name": "general"}], "general/2026-01-01.json": [MESSAGE | broken, {}, MESSAGE]}
    source = SlackExport(write_folder(tmp_path, files), None)
    assert [message.text for message in source.messages()] == ["fine"]
    assert (source.skipped.rows, source.skipped.no_words, source.skipped.untimed) == (2, 0, 0)


@pytest.mark.parametrize("name", ["channels.json", "groups.json", "users.json", "org_users.json"])
@pytest.mark.parametrize("broken", [{}, {"id": [], "name": {}, "is_bot": True}, {"id": None, "name": 5}])
def test_malformed_lists(tmp_path: Path, name: str, broken: dict[str, object]) -> None:
    """A channel without a name and a person without an id are counted as malformed."""
    files = {"channels.json": [{"name": "general"}], "general/2026-01-01.json": [MESSAGE]}
    source = SlackExport(write_folder(tmp_path, files | {name: [*files.get(name, []), broken]}), None)
    for _ in range(2):
        assert [message.text for message in source.messages()] == ["fine"]
        assert source.skipped.rows == 1


def test_text_in_blocks(tmp_path: Path) -> None:
    """A person's message with text in blocks only is read like a live one; one with neither is skipped."""
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "a & b"}]}
    day = [
        MESSAGE | {"text": "", "blocks": [{"type": "rich_text", "elements": [rich]}]},
        MESSAGE | {"text": None, "ts": "1767225601.5", "attachments": [{"text": "attached"}]},
        MESSAGE | {"text": " ", "ts": "1767225602.5", "blocks": {}},
    ]
    source = SlackExport(write_folder(tmp_path, {"channels.json": [{"name": "c"}], "c/2026-01-01.json": day}), None)
    assert [message.text for message in source.messages()] == ["a &amp; b", "attached"]
    assert source.skipped.no_words == 1


def test_damaged_end(tmp_path: Path) -> None:
    """The messages before the damaged part of a file are read, and the file is named."""
    content = json.dumps([MESSAGE, MESSAGE | {"ts": "1767225601.5"}]).encode()[:-5]
    files = {"channels.json": [{"name": "general"}], "general/2026-01-01.json": content}
    source = SlackExport(write_zip(tmp_path / "a.zip", files), None)
    assert len(list(source.messages())) == 1
    assert source.skipped.files == ["general/2026-01-01.json (not a list in JSON)"]


@pytest.mark.parametrize("name", ["general/2026-01-02.json", "users.json"])
def test_memory(tmp_path: Path, name: str) -> None:
    """A file of many small objects is read in parts, which need less memory than all of them."""
    files = {"channels.json": [{"name": "general"}], "general/2026-01-01.json": [MESSAGE]}
    content = f"[{','.join(['{}'] * 500_000)}]".encode()
    path = write_folder(tmp_path, files | {name: content})
    tracemalloc.start()
    try:
        list(SlackExport(path, None).messages())
        assert tracemalloc.get_traced_memory()[1] < 15 * 2**20  # 32 MB for the objects alone
    finally:
        tracemalloc.stop()
