"""The files of a Slack export, which is a folder or a ZIP file."""

import struct
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from bot.cli.sources.source import unreadable_error
from bot.errors import BotError

CHANNEL_LISTS = ("channels.json", "groups.json")
"""Lists of public and of private channels."""

DIRECT_MESSAGE_LISTS = ("dms.json", "mpims.json")

_RATIO_THRESHOLD = 2**20  # bytes; smaller files may have any compression ratio


@dataclass(frozen=True)
class Limits:
    """Limits on exports, against ZIP files that are made to fill memory or disk. Sizes are uncompressed."""

    files: int = 200_000
    total_bytes: int = 20 * 2**30
    ratio: int = 200  # of compression; JSON of chats has 5 to 30
    directory_bytes: int = 32 * 2**20  # a ZIP file's directory is read into memory


LIMITS = Limits()


@dataclass(frozen=True)
class ExportFiles:
    """The files of an export: functions that open them by name, in order, and the names of all folders."""

    openers: Mapping[str, Callable[[], IO[bytes]]]
    folders: set[str]


def find_files(path: Path, limits: Limits) -> ExportFiles:
    """Return the files of the export at ``path``; raise BotError if it is no export or exceeds the limits."""
    found = _folder_files(path) if path.is_dir() else _zip_files(path, limits)
    if not any(name in found.openers for name in (*CHANNEL_LISTS, *DIRECT_MESSAGE_LISTS)):
        raise BotError(f"{path} is no Slack export: it has no channels.json. Give the exported folder or ZIP file.")
    return found


def _decoded(name: str) -> str:
    """Return the name of a file as Slack wrote it.

    Slack writes names in UTF-8 but does not mark them as such, so they are taken for the older encoding CP437.
    """
    with suppress(UnicodeError):
        name = name.encode("cp437").decode()
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _open(file: Path) -> IO[bytes]:
    return file.open("rb")


def _folder_files(path: Path) -> ExportFiles:
    try:
        found = sorted(file for pattern in ("*.json", "*/*.json") for file in path.glob(pattern) if file.is_file())
        folders = {_decoded(entry.name) for entry in path.iterdir() if entry.is_dir()}
    except OSError as error:
        raise unreadable_error(path, error.strerror) from error
    return ExportFiles({_decoded(file.relative_to(path).as_posix()): partial(_open, file) for file in found}, folders)


def _zip_files(path: Path, limits: Limits) -> ExportFiles:
    """Return the files of an export in a ZIP file, at the top or in a folder."""
    archive = _open_zip(path, limits)
    members = {_decoded(info.filename): info for info in archive.infolist()}
    root = _root(members)
    inside = {name.removeprefix(root): info for name, info in sorted(members.items()) if name.startswith(root)}
    openers = {name: partial(archive.open, info) for name, info in inside.items() if not name.endswith("/")}
    return ExportFiles(openers, {name.partition("/")[0] for name in inside if "/" in name})


def _root(names: Iterable[str]) -> str:
    """Return the folder with the lists of conversations, with a slash at its end; empty if it is the top."""
    lists = [PurePosixPath(name) for name in names]
    lists = [file for file in lists if file.name in (*CHANNEL_LISTS, *DIRECT_MESSAGE_LISTS)]
    root = str(min(lists, key=lambda file: len(file.parts), default=PurePosixPath()).parent)
    return "" if root == "." else f"{root}/"


def _open_zip(path: Path, limits: Limits) -> zipfile.ZipFile:
    try:
        if _directory_bytes(path) > limits.directory_bytes:
            raise _limit_error(path, f"more than {limits.files:,} files")
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise unreadable_error(path, error.strerror) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise unreadable_error(path, "a damaged ZIP file") from error
    members = archive.infolist()
    if len(members) > limits.files:
        raise _limit_error(path, f"more than {limits.files:,} files")
    if sum(info.file_size for info in members) > limits.total_bytes:
        raise _limit_error(path, f"more than {limits.total_bytes >> 30} GB when unpacked")
    if any(info.file_size > max(_RATIO_THRESHOLD, limits.ratio * info.compress_size) for info in members):
        raise _limit_error(path, f"a file that unpacks to more than {limits.ratio} times its size")
    return archive


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
