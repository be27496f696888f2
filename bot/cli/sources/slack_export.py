"""Messages of a Slack export: lists of channels and people, and a folder with a file per day for each channel.

Source: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from bot.cli.sources.encoding import text_encoding
from bot.cli.sources.export_files import CHANNEL_LISTS, DIRECT_MESSAGE_LISTS, LIMITS, Limits, find_files
from bot.cli.sources.json_list import read_json_list
from bot.cli.sources.source import Skipped, SourceMessage, channel_error, channel_name
from bot.cli.sources.table_file import read_time
from bot.slack.parsing.events import PostedMessage

_PEOPLE_LISTS = ("users.json", "org_users.json")  # the second for an organization of several workspaces
# A ZIP file may be damaged, encrypted or compressed with an unknown method.
_READ_ERRORS = (ValueError, RecursionError, OSError, RuntimeError, zipfile.BadZipFile, EOFError, zlib.error)


class SlackExport:
    """Messages by people in an export (folder or ZIP file), including replies in threads; no direct messages.

    ``channel`` is the channel to read; None for all. Raises BotError if the file is no export, exceeds the limits, or
    has no such channel.
    """

    markup = True

    def __init__(self, path: Path, channel: str | None, limits: Limits = LIMITS) -> None:
        self._files = find_files(path, limits)
        self.skipped = Skipped()
        folders = self._channel_folders()
        channels = folders.keys() if channel is None else {channel_name(channel)} & folders.keys()
        if channel is not None and not channels:
            raise channel_error(path, channel, folders)
        self._folders = {folder for name in channels for folder in folders[name]}
        self._bots = {"USLACKBOT"}
        self.names: set[str] = set()
        for file in _PEOPLE_LISTS:
            for user, identifier in self._read_named(file, "id"):
                if user.get("is_bot"):
                    self._bots.add(identifier)
                self.names.update(_user_names(user))
        self.skipped.channels = sorted(name for name in channels if not folders[name])
        self.skipped.direct_messages = not folders and any(file in self._files.openers for file in DIRECT_MESSAGE_LISTS)
        self._skipped_in_lists = self.skipped

    def _channel_folders(self) -> dict[str, set[str]]:
        """Return the folders of each channel, by name: they have its name or, from other tools, its id."""
        folders: dict[str, set[str]] = {}
        for file in CHANNEL_LISTS:
            for entry, written in self._read_named(file, "name"):
                name = channel_name(written)
                possible = [each for each in (name, entry.get("id")) if isinstance(each, str)]
                found = [each for each in possible if each in self._files.folders]
                folders.setdefault(name, set()).update(found[:1])
        return folders

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, one day of a channel at a time."""
        self.skipped = replace(self._skipped_in_lists, files=[*self._skipped_in_lists.files])
        for name in self._files.openers:
            folder, _, file = name.partition("/")
            if folder in self._folders and file.endswith(".json") and "/" not in file and not file.startswith("."):
                seen: set[str] = set()
                for entry in self._read(name):
                    message = self._parse(entry)
                    # A reply that was also sent to the channel may occur twice.
                    if message and message.ts not in seen:
                        seen.add(message.ts)
                        yield from self._message(message)

    def _parse(self, entry: dict[str, Any]) -> PostedMessage | None:
        """Return a message with text by a person; count anything else as skipped."""
        strings = ("type", "subtype", "user", "bot_id", "text")
        if not isinstance(entry.get("ts"), str) or not all(isinstance(entry.get(key), str | None) for key in strings):
            self.skipped.rows += 1
            return None
        message = PostedMessage.parse("", "", entry) if entry.get("type", "message") == "message" else None
        if message is None or message.user in self._bots or not message.text.strip():
            self.skipped.no_words += 1
            return None
        return message

    def _message(self, message: PostedMessage) -> Iterator[SourceMessage]:
        time = read_time(message.ts, UTC)
        if time is None:
            self.skipped.untimed += 1
            return
        yield SourceMessage(message.text, time, message.user)

    def _read_named(self, name: str, key: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield the objects in a file, each with the string that it has for ``key``, which is not empty."""
        for entry in self._read(name):
            value = entry.get(key)
            if isinstance(value, str) and value:
                yield entry, value
            else:
                self.skipped.rows += 1

    def _read(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the objects in a file; none if it does not exist, and those before the error if it is damaged."""
        if name not in self._files.openers:
            return
        try:
            with self._files.openers[name]() as file:
                text = io.TextIOWrapper(file, encoding=text_encoding(file) or "utf-8", errors="replace")
                for entry in read_json_list(text):
                    if isinstance(entry, dict):
                        yield entry
                    else:
                        self.skipped.rows += 1
        except _READ_ERRORS:
            self.skipped.files.append(f"{name} (not a list in JSON)")


def _user_names(user: dict[str, Any]) -> Iterator[str]:
    profile = user.get("profile")
    for holder in (user, profile if isinstance(profile, dict) else {}):
        for key in ("name", "real_name", "display_name", "first_name", "last_name"):
            if isinstance(name := holder.get(key), str):
                yield name
