"""Uploading files and sharing them in channels."""

import mimetypes
import secrets
from urllib.parse import quote

from slack_emulator.actions.events import EventPublisher
from slack_emulator.actions.messages import Messages
from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import file_object
from slack_emulator.state.ids import new_id
from slack_emulator.state.models import Channel, File, Message
from slack_emulator.state.state import State


class Files:
    """The files of the workspace."""

    def __init__(self, state: State, messages: Messages, events: EventPublisher) -> None:
        self._state = state
        self._messages = messages
        self._events = events

    def create(self, user: str, name: str, size: int, alt_txt: str = "") -> File:
        """Create a file whose content has not been uploaded yet."""
        file_id, secret = new_id("F"), secrets.token_urlsafe(24)
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        url = f"{self._state.url}/files-pri/{secret}/{quote(name, safe='')}"
        file = File(file_id, user, name, name, size, mimetype, url, secret, int(self._state.clock()), alt_txt)
        self._state.files[file_id] = file
        return file

    def upload_url(self, file: File) -> str:
        """Return the URL that accepts a file's content."""
        return f"{self._state.url}/upload/v1/{file.secret}"

    def find_by_secret(self, secret: str) -> File | None:
        """Return the file with that secret in its URLs."""
        return next((file for file in self._state.files.values() if file.secret == secret), None)

    def get_uploaded(self, file_id: str) -> File:
        """Return a file whose content has been uploaded. Raises ApiError `file_not_found`."""
        file = self._state.files.get(file_id)
        if file is None or file.content is None:
            raise ApiError("file_not_found")
        return file

    def share(
        self, files: list[File], channel: Channel, user: str, text: str = "", thread_ts: str | None = None
    ) -> Message:
        """Post a message with files. Raises ApiError as `Messages.post` does."""
        for file in files:
            if channel.id not in file.channels:
                file.channels.append(channel.id)
        shared = [file_object(file) for file in files]
        message = self._messages.post(
            channel, user, text, thread_ts=thread_ts, subtype="file_share", files=shared, upload=True
        )
        for file in files:
            event = {
                "type": "file_shared",
                "file_id": file.id,
                "user_id": user,
                "file": {"id": file.id},
                "channel_id": channel.id,
                "event_ts": self._state.next_ts(),
            }
            self._events.publish(event, channel)
        return message
