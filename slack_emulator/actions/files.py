"""Files: uploaded by the app or by people, and shared in messages."""

import mimetypes
import secrets
from collections.abc import Callable
from urllib.parse import quote

from slack_emulator.actions.messages import Messages
from slack_emulator.payloads.events import Events
from slack_emulator.state.installation import new_id
from slack_emulator.state.models import Channel, File, Message, State


class Files:
    """All files of the workspace; `address` turns a path on the server into a URL."""

    def __init__(self, state: State, messages: Messages, events: Events, address: Callable[[str], str]) -> None:
        self._state = state
        self._messages = messages
        self._events = events
        self._address = address

    def begin(self, user: str, name: str, size: int, alt_txt: str = "") -> File:
        """Make a file whose bytes are still to come."""
        file_id, secret = new_id("F"), secrets.token_urlsafe(24)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        url = self._address(f"/files-pri/{secret}/{quote(name, safe='')}")
        file = File(file_id, user, name, name, size, kind, url, secret, int(self._state.clock()), alt_txt)
        self._state.files[file_id] = file
        return file

    def upload_url(self, file: File) -> str:
        """Give the address to which a file's bytes go."""
        return self._address(f"/upload/v1/{file.secret}")

    def by_secret(self, secret: str) -> File | None:
        """Find a file by the secret part of its addresses."""
        return next((file for file in self._state.files.values() if file.secret == secret), None)

    def share(
        self, files: list[File], channel: Channel, user: str, text: str = "", thread_ts: str | None = None
    ) -> Message:
        """Post a message with files, and tell the app. Raises SlackError as posting does."""
        for file in files:
            if channel.id not in file.channels:
                file.channels.append(channel.id)
        shown = [file.as_slack() for file in files]
        message = self._messages.post(
            channel, user, text, thread_ts=thread_ts, subtype="file_share", files=shown, upload=True
        )
        for file in files:
            self._events.emit(
                {
                    "type": "file_shared",
                    "file_id": file.id,
                    "user_id": user,
                    "file": {"id": file.id},
                    "channel_id": channel.id,
                    "event_ts": self._state.next_ts(),
                },
                channel,
            )
        return message
