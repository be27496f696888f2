"""Messages of a Slack export: ``channels.json``, ``users.json``, and a folder with a file per day for each channel.

Source: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Any

from bot.errors import BotError
from bot.reports.sources.source import Skipped, SourceMessage, unreadable_error
from bot.reports.sources.table_file import read_time

_RATIO_THRESHOLD = 2**20  # bytes; smaller files may have any compression ratio

_Files = dict[str, Path | zipfile.Path]
"""The files of an export by name, sorted."""

# The subtypes of messages that people write. Others are joins, topic changes, bot messages and so on.
_SUBTYPES = (None, "thread_broadcast", "me_message", "file_share")
# A ZIP file may be damaged, encrypted or compressed with an unknown method.
_READ_ERRORS = (ValueError, RecursionError, OSError, RuntimeError, zipfile.BadZipFile, EOFError, zlib.error)


@dataclass(frozen=True)
class Limits:
    """Limits on exports, against ZIP files that are made to fill memory or disk. Sizes are uncompressed."""

    files: int = 200_000
    total_bytes: int = 20 * 2**30
    file_bytes: int = 32 * 2**20  # each file is read into memory
    ratio: int = 200  # of compression; JSON of chats has 5 to 30
    directory_bytes: int = 32 * 2**20  # a ZIP file's directory is read into memory


class SlackExport:
    """Messages by people in an export (folder or ZIP file), including replies in threads; no direct messages.

    ``channel`` is the channel to read; None for all. Raises BotError if the file is no export, exceeds the limits, or
    has no such channel.
    """

    markup = True

    def __init__(self, path: Path, channel: str | None, limits: Limits = Limits()) -> None:
        self._files = _folder_files(path) if path.is_dir() else _zip_files(path, limits)
        self._max_bytes = limits.file_bytes
        self.skipped = Skipped()
        if "channels.json" not in self._files:
            raise BotError(f"{path} is no Slack export: it has no channels.json. Give the exported folder or ZIP file.")
        entries = [*self._read_list("channels.json"), *self._read_list("groups.json")]
        channels = [name for entry in entries if (name := _string(entry, "name")) is not None]
        users = self._read_list("users.json")
        self._channels = set(channels) if channel is None else {channel.removeprefix("#")}
        if not self._channels.issubset(channels):
            shown = ", ".join(sorted(channels)[:10]) + (" and more" if len(channels) > 10 else "")
            raise BotError(f"The export has no channel {channel}. It has: {shown or 'none'}.")
        self._bots = {_string(user, "id") for user in users if user.get("is_bot")} | {"USLACKBOT"}
        self.names = {name for user in users for name in _user_names(user)}
        self._unreadable_lists = self.skipped.files

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, one day of a channel at a time."""
        self.skipped = Skipped(files=list(self._unreadable_lists))
        for name in self._files:
            folder, _, file = name.partition("/")
            if folder in self._channels and file.endswith(".json") and "/" not in file:
                seen: set[str] = set()
                for entry in self._read_list(name):
                    # A reply that was also sent to the channel may occur twice.
                    if (ts := str(entry.get("ts"))) not in seen:
                        seen.add(ts)
                        yield from self._message(entry)

    def _message(self, entry: dict[str, Any]) -> Iterator[SourceMessage]:
        text, author = _string(entry, "text"), _string(entry, "user")
        by_person = entry.get("type", "message") == "message" and entry.get("subtype") in _SUBTYPES
        by_bot = entry.get("bot_id") or (author is not None and author in self._bots)
        if not text or not text.strip() or not by_person or by_bot:
            self.skipped.no_words += 1
            return
        time = read_time(entry.get("ts"), UTC)
        if time is None:
            self.skipped.untimed += 1
            return
        yield SourceMessage(text, time, author)

    def _read_list(self, name: str) -> list[dict[str, Any]]:
        """Return the objects in a file; none if it does not exist or cannot be read."""
        if name not in self._files:
            return []
        content, found = b"", None
        with suppress(*_READ_ERRORS), self._files[name].open("rb") as file:
            content = file.read(self._max_bytes + 1)
            found = json.loads(content) if len(content) <= self._max_bytes else None
        if not isinstance(found, list):
            too_large = len(content) > self._max_bytes
            reason = f"larger than {self._max_bytes >> 20} MB" if too_large else "not a list in JSON"
            self.skipped.files.append(f"{name} ({reason})")
            return []
        objects = [one for one in found if isinstance(one, dict)]
        self.skipped.rows += len(found) - len(objects)
        return objects


def _string(entry: dict[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) else None


def _user_names(user: dict[str, Any]) -> Iterator[str]:
    profile = user.get("profile")
    for holder in (user, profile if isinstance(profile, dict) else {}):
        for key in ("name", "real_name", "display_name", "first_name", "last_name"):
            if (name := _string(holder, key)) is not None:
                yield name


def _folder_files(path: Path) -> _Files:
    try:
        found = sorted(file for pattern in ("*.json", "*/*.json") for file in path.glob(pattern) if file.is_file())
    except OSError as error:
        raise unreadable_error(path, error.strerror) from error
    return {file.relative_to(path).as_posix(): file for file in found}


def _zip_files(path: Path, limits: Limits) -> _Files:
    """Return the files of an export in a ZIP file, at the top or in a folder."""
    try:
        if _directory_bytes(path) > limits.directory_bytes:
            raise _limit_error(path, f"more than {limits.files:,} files")
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise unreadable_error(path, error.strerror) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise unreadable_error(path, "a damaged ZIP file") from error
    members = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename)
    if len(members) > limits.files:
        raise _limit_error(path, f"more than {limits.files:,} files")
    if sum(info.file_size for info in members) > limits.total_bytes:
        raise _limit_error(path, f"more than {limits.total_bytes >> 30} GB when unpacked")
    if any(info.file_size > max(_RATIO_THRESHOLD, limits.ratio * info.compress_size) for info in members):
        raise _limit_error(path, f"a file that unpacks to more than {limits.ratio} times its size")
    lists = [file for info in members if (file := PurePosixPath(info.filename)).name == "channels.json"]
    root = str(min(lists, key=lambda file: len(file.parts), default=PurePosixPath()).parent)
    prefix = "" if root == "." else f"{root}/"
    inside = (info for info in members if info.filename.startswith(prefix))
    return {info.filename.removeprefix(prefix): zipfile.Path(archive, info.filename) for info in inside}


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
