"""Messages of a Slack export: ``channels.json``, ``users.json``, and a folder with a file per day for each channel.

Source: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.errors import BotError
from bot.reports.sources.source import Skipped, SourceMessage, unreadable_error
from bot.reports.sources.table_file import read_time

_UTC = ZoneInfo("UTC")
_RATIO_THRESHOLD = 2**20  # smaller files may have any compression ratio

# The subtypes of messages that people write. Others are joins, topic changes, bot messages and so on.
_SUBTYPES = {None, "thread_broadcast", "me_message", "file_share"}


@dataclass(frozen=True)
class Limits:
    """Limits on exports, against ZIP files that are made to fill memory or disk.

    Attributes:
        files: the number of files.
        total_bytes: the size of all files, uncompressed.
        file_bytes: the size of a file, which is read into memory.
        ratio: the compression ratio of a file; JSON of chats has 5 to 30.
        directory_bytes: the size of the ZIP file's directory, which is read into memory.
    """

    files: int = 200_000
    total_bytes: int = 20 * 2**30
    file_bytes: int = 32 * 2**20
    ratio: int = 200
    directory_bytes: int = 32 * 2**20


class SlackExport:
    """Messages by people in the channels of an export, including replies in threads; no direct messages.

    Args:
        path: the folder or the ZIP file.
        channel: the channel to read; None for all.
        limits: the limits on the export's size.

    Raises:
        BotError: it is no export, exceeds the limits, or has no such channel.
    """

    markup = True

    def __init__(self, path: Path, channel: str | None, limits: Limits = Limits()) -> None:
        self._files: _Files = _Folder(path, limits) if path.is_dir() else _ZipFile(path, limits)
        self.skipped = Skipped()
        if "channels.json" not in self._files.names:
            raise BotError(f"{path} is no Slack export: it has no channels.json. Give the exported folder or ZIP file.")
        channels = [
            str(one["name"])
            for name in ("channels.json", "groups.json")
            for one in self._read_list(name)
            if isinstance(one.get("name"), str)
        ]
        users = self._read_list("users.json")
        if channel is not None and channel.removeprefix("#") not in channels:
            shown = ", ".join(sorted(channels)[:10]) + (" and more" if len(channels) > 10 else "")
            raise BotError(f"The export has no channel {channel}. It has: {shown or 'none'}.")
        self._channels = set(channels) if channel is None else {channel.removeprefix("#")}
        self._bots = {user.get("id") for user in users if user.get("is_bot")} | {"USLACKBOT"}
        self.names = {name for user in users for name in _user_names(user)}
        self._unreadable_lists = self.skipped.files

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, one day of a channel at a time."""
        self.skipped = Skipped(files=list(self._unreadable_lists))
        for name in self._files.names:
            folder, _, file = name.partition("/")
            if folder in self._channels and file.endswith(".json") and "/" not in file:
                seen: set[object] = set()
                for entry in self._read_list(name):
                    # A reply that was also sent to the channel may occur twice.
                    if entry.get("ts") not in seen:
                        seen.add(entry.get("ts"))
                        yield from self._message(entry)

    def _message(self, entry: dict[str, Any]) -> Iterator[SourceMessage]:
        text, author, subtype = entry.get("text"), entry.get("user"), entry.get("subtype")
        by_person = entry.get("type", "message") == "message" and (subtype is None or subtype in _SUBTYPES)
        by_bot = entry.get("bot_id") or author in self._bots
        if not isinstance(text, str) or not text.strip() or not by_person or by_bot:
            self.skipped.no_words += 1
            return
        time = read_time(entry.get("ts"), _UTC)
        if time is None:
            self.skipped.untimed += 1
            return
        yield SourceMessage(text, time, author if isinstance(author, str) else None)

    def _read_list(self, name: str) -> list[dict[str, Any]]:
        """Return the objects in a file; none if it does not exist or cannot be read."""
        if name not in self._files.names:
            return []
        try:
            found = json.loads(self._files.read(name))
            if not isinstance(found, list):
                raise ValueError("no list")
        # A ZIP file may be damaged, encrypted or compressed with an unknown method.
        except (ValueError, RecursionError, OSError, RuntimeError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            reason = error if isinstance(error, _FileTooLargeError) else "not a list in JSON"
            self.skipped.files.append(f"{name} ({reason})")
            return []
        objects = [one for one in found if isinstance(one, dict)]
        self.skipped.rows += len(found) - len(objects)
        return objects


def _user_names(user: dict[str, Any]) -> Iterator[str]:
    profile = user.get("profile")
    for holder in (user, profile if isinstance(profile, dict) else {}):
        for key in ("name", "real_name", "display_name", "first_name", "last_name"):
            if isinstance(holder.get(key), str):
                yield holder[key]


class _FileTooLargeError(ValueError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit >> 20} MB")


class _Files(Protocol):
    """The files of an export; ``names`` is sorted and supports fast lookups."""

    names: dict[str, Any]

    def read(self, name: str) -> bytes: ...


class _Folder:
    """The files of an export in a folder."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        try:
            found = [*path.glob("*.json"), *path.glob("*/*.json")]
        except OSError as error:
            raise unreadable_error(path, error.strerror) from error
        self.names: dict[str, Any] = dict.fromkeys(
            sorted(file.relative_to(path).as_posix() for file in found if file.is_file())
        )

    def read(self, name: str) -> bytes:
        with (self._path / name).open("rb") as file:
            content = file.read(self._limits.file_bytes + 1)
        if len(content) > self._limits.file_bytes:
            raise _FileTooLargeError(self._limits.file_bytes)
        return content


class _ZipFile:
    """The files of an export in a ZIP file, at the top or in a folder."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        try:
            if _directory_bytes(path) > limits.directory_bytes:
                raise _limit_error(path, f"more than {limits.files:,} files")
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise unreadable_error(path, error.strerror) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise unreadable_error(path, "a damaged ZIP file") from error
        members = [info for info in self._zip.infolist() if not info.is_dir()]
        _check_limits(path, members, limits)
        lists = [file for info in members if (file := PurePosixPath(info.filename)).name == "channels.json"]
        root = str(min(lists, key=lambda file: len(file.parts), default=PurePosixPath()).parent)
        prefix = "" if root == "." else f"{root}/"
        inside = sorted((info for info in members if info.filename.startswith(prefix)), key=lambda one: one.filename)
        self.names: dict[str, Any] = {info.filename.removeprefix(prefix): info for info in inside}

    def read(self, name: str) -> bytes:
        info = self.names[name]
        if info.file_size > self._limits.file_bytes:
            raise _FileTooLargeError(self._limits.file_bytes)
        return self._zip.read(info)  # never returns more than file_size


def _check_limits(path: Path, members: Iterable[zipfile.ZipInfo], limits: Limits) -> None:
    sizes = [(info.file_size, info.compress_size) for info in members]
    if len(sizes) > limits.files:
        raise _limit_error(path, f"more than {limits.files:,} files")
    if sum(size for size, _ in sizes) > limits.total_bytes:
        raise _limit_error(path, f"more than {limits.total_bytes >> 30} GB when unpacked")
    if any(size > max(_RATIO_THRESHOLD, limits.ratio * compressed) for size, compressed in sizes):
        raise _limit_error(path, f"a file that unpacks to more than {limits.ratio} times its size")


def _limit_error(path: Path, reason: str) -> BotError:
    return BotError(f"{path} is not read: it has {reason}, unlike any Slack export.")


def _directory_bytes(path: Path) -> int:
    """Return the size of a ZIP file's directory according to its end record; ZipFile reads all of it at once."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        return 0  # ZipFile reports the error
    length: int = struct.unpack_from("<I", tail, end + 12)[0]
    zip64 = tail.rfind(b"PK\6\6", 0, end)
    if zip64 >= 0 and len(tail) >= zip64 + 56:
        length = max(length if length != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, zip64 + 40)[0])
    return length
