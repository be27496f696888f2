"""Messages from what Slack exports: ``channels.json``, ``users.json``, and for each channel a folder of days.

Source: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bot.errors import BotError
from bot.reports.sources.source import Skipped, SourceMessage, unreadable_error
from bot.reports.sources.table_file import read_time
from bot.reports.windows import parse_timezone

MOST_MEMBERS = 200_000
MOST_BYTES = 20 * 2**30  # of all files together, unpacked
MOST_FILE_BYTES = 32 * 2**20  # of one file; read into memory at once
MOST_RATIO = 200  # unpacked to packed, of files above a megabyte; JSON of chats has 5 to 30
_MOST_DIRECTORY_BYTES = 32 * 2**20  # of the zip's list of members, which is read into memory at once
_NO_RATIO_BELOW = 2**20

# What people write; all else with a subtype is a join, a topic that was set, a bot and so on.
_SUBTYPES = {None, "thread_broadcast", "me_message", "file_share"}


class SlackExport:
    """Messages that people wrote in the channels of an export, replies in threads too; direct messages are not read.

    Args:
        place: the folder or the zip.
        channel: which channel's messages are wanted; all channels' if None.

    Raises:
        BotError: it is no export, is made to fill memory or disk, or has no such channel.
    """

    markup = True

    def __init__(self, place: Path, channel: str | None) -> None:
        self._files = _Folder(place) if place.is_dir() else _Zip(place)
        self.skipped = Skipped()
        lists = [name for name in ("channels.json", "groups.json") if name in self._files.names()]
        if "channels.json" not in lists:
            raise BotError(f"{place} is no Slack export: it has no channels.json. Name the folder or zip as exported.")
        channels = [
            str(one["name"])
            for name in lists
            for one in self._list(name, self.skipped)
            if isinstance(one.get("name"), str)
        ]
        users = self._list("users.json", self.skipped) if "users.json" in self._files.names() else []
        if channel is not None and channel.removeprefix("#") not in channels:
            shown = ", ".join(sorted(channels)[:10]) + (" and more" if len(channels) > 10 else "")
            raise BotError(f"The export has no channel {channel}. It has: {shown or 'none'}.")
        self._channels = set(channels) if channel is None else {channel.removeprefix("#")}
        self._bots = {user.get("id") for user in users if user.get("is_bot")} | {"USLACKBOT"}
        self.names = {name for user in users for name in _names(user)}
        self._unlisted = self.skipped.files

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, a day of a channel at a time."""
        self.skipped = Skipped(files=list(self._unlisted))
        for name in self._files.names():
            folder, _, file = name.partition("/")
            if folder in self._channels and file.endswith(".json") and "/" not in file:
                seen: set[object] = set()
                for entry in self._list(name, self.skipped):
                    # A reply that was also sent to the channel may be there twice.
                    if entry.get("ts") not in seen:
                        seen.add(entry.get("ts"))
                        yield from self._message(entry)

    def _message(self, entry: dict[str, Any]) -> Iterator[SourceMessage]:
        text, author, subtype = entry.get("text"), entry.get("user"), entry.get("subtype")
        ours = entry.get("type", "message") == "message" and (subtype is None or subtype in _SUBTYPES)
        if not isinstance(text, str) or not text.strip() or not ours or entry.get("bot_id") or author in self._bots:
            self.skipped.no_words += 1
            return
        time = read_time(entry.get("ts"), parse_timezone("UTC"))
        if time is None:
            self.skipped.untimed += 1
            return
        yield SourceMessage(text, time, author if isinstance(author, str) else None)

    def _list(self, name: str, skipped: Skipped) -> list[dict[str, Any]]:
        """Return the objects in a file; none, and a word about it in ``skipped``, if it cannot be read."""
        try:
            found = json.loads(self._files.read(name))
            if not isinstance(found, list):
                raise ValueError("no list")
        # A zip can be damaged, encrypted or packed in a way that Python does not know.
        except (ValueError, RecursionError, OSError, RuntimeError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            skipped.files.append(f"{name} ({error if isinstance(error, _TooLargeError) else 'not a list in JSON'})")
            return []
        skipped.rows += sum(not isinstance(one, dict) for one in found)
        return [one for one in found if isinstance(one, dict)]


def _names(user: dict[str, Any]) -> Iterator[str]:
    profile = user.get("profile")
    for holder in (user, profile if isinstance(profile, dict) else {}):
        for key in ("name", "real_name", "display_name", "first_name", "last_name"):
            if isinstance(holder.get(key), str):
                yield holder[key]


class _TooLargeError(ValueError):
    """A file that is too large to be read at once."""

    def __init__(self) -> None:
        super().__init__(f"larger than {MOST_FILE_BYTES >> 20} MB")


class _Folder:
    """The files of an export that lie in a folder."""

    def __init__(self, place: Path) -> None:
        self._place = place
        try:
            found = [*place.glob("*.json"), *place.glob("*/*.json")]
        except OSError as error:
            raise unreadable_error(place, error.strerror) from error
        self._names = dict.fromkeys(sorted(path.relative_to(place).as_posix() for path in found if path.is_file()))

    def names(self) -> dict[str, None]:
        return self._names

    def read(self, name: str) -> bytes:
        with (self._place / name).open("rb") as file:
            content = file.read(MOST_FILE_BYTES + 1)
        if len(content) > MOST_FILE_BYTES:
            raise _TooLargeError
        return content


class _Zip:
    """The files of an export that lie in a zip, or in the one folder that is in it."""

    def __init__(self, place: Path) -> None:
        try:
            if _directory_bytes(place) > _MOST_DIRECTORY_BYTES:
                raise _bomb(place, f"more than {MOST_MEMBERS:,} files")
            self._zip = zipfile.ZipFile(place)
        except OSError as error:
            raise unreadable_error(place, error.strerror) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise unreadable_error(place, "a damaged zip") from error
        members = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(members) > MOST_MEMBERS:
            raise _bomb(place, f"more than {MOST_MEMBERS:,} files")
        if sum(info.file_size for info in members) > MOST_BYTES:
            raise _bomb(place, f"more than {MOST_BYTES >> 30} GB when unpacked")
        for info in members:
            if info.file_size > max(_NO_RATIO_BELOW, MOST_RATIO * info.compress_size):
                raise _bomb(place, f"a file that unpacks to more than {MOST_RATIO} times its size")
        lists = [PurePosixPath(info.filename) for info in members if info.filename.endswith("channels.json")]
        top = min(
            (path for path in lists if path.name == "channels.json"), key=lambda path: len(path.parts), default=None
        )
        prefix = "" if top is None or len(top.parts) == 1 else f"{top.parent}/"
        within = (info for info in members if info.filename.startswith(prefix))
        self._members = {info.filename.removeprefix(prefix): info for info in sorted(within, key=lambda i: i.filename)}

    def names(self) -> dict[str, Any]:
        return self._members

    def read(self, name: str) -> bytes:
        info = self._members[name]
        if info.file_size > MOST_FILE_BYTES:
            raise _TooLargeError
        return self._zip.read(info)  # never more than file_size


def _bomb(place: Path, why: str) -> BotError:
    return BotError(f"{place} is not read: it has {why}, which no export of Slack's has.")


def _directory_bytes(place: Path) -> int:
    """Return how long a zip's list of members is, by its own account: ZipFile reads it whole."""
    with place.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        return 0  # ZipFile says what is wrong
    length: int = struct.unpack_from("<I", tail, end + 12)[0]
    large = tail.rfind(b"PK\6\6", 0, end)
    if large >= 0 and len(tail) >= large + 56:
        length = max(length if length != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, large + 40)[0])
    return length
