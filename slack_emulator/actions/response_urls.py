"""Response URLs: where the app may answer a command or an interaction, five times within half an hour.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from slack_emulator.actions.messages import Messages
from slack_emulator.errors import ApiError
from slack_emulator.state.models import Channel, Message
from slack_emulator.state.state import State
from slack_emulator.validation.blocks import block_errors

MAX_USES = 5
RESPONSE_URL_LIFETIME = 30 * 60
"""In seconds."""


@dataclass
class ResponseUrl:
    """A response URL: its channel and user, and the message that the interaction came from."""

    channel: str
    user: str
    source: Message | None
    expires: float
    uses_left: int = MAX_USES


class ResponseUrls:
    """All response URLs of the workspace."""

    def __init__(self, state: State, messages: Messages) -> None:
        self._state = state
        self._messages = messages
        self._urls: dict[str, ResponseUrl] = {}

    def create(self, channel: Channel, user: str, source: Message | None = None) -> str:
        """Create and return a response URL."""
        kind = "actions" if source else "commands"
        path = f"/{kind}/{self._state.installation.team_id}/{secrets.token_hex(6)}/{secrets.token_hex(12)}"
        self._urls[path] = ResponseUrl(channel.id, user, source, self._state.clock() + RESPONSE_URL_LIFETIME)
        return self._state.url + path

    def handle_request(self, path: str, body: str) -> None:
        """Apply the response that the app posted to the response URL with that path.

        Raises:
            ApiError: `expired_url`, `used_url`, `invalid_payload`, `no_text`, `invalid_blocks`, or as posting does.
        """
        url = self._urls.get(path)
        if url is None or self._state.clock() > url.expires:
            raise ApiError("expired_url")
        if not url.uses_left:
            raise ApiError("used_url")
        try:
            response = json.loads(body)
        except ValueError:
            raise ApiError("invalid_payload") from None
        if not isinstance(response, dict):
            raise ApiError("invalid_payload")
        self.apply(response, url.channel, url.user, url.source)
        url.uses_left -= 1

    def apply(
        self, response: dict[str, Any], channel_id: str, user: str, source: Message | None = None
    ) -> Message | None:
        """Post, replace or delete a message; a new one is ephemeral unless the response says `in_channel`.

        Args:
            response: The message payload that the app sent.
            channel_id: The channel to post in.
            user: Who sees an ephemeral message.
            source: The message to replace or delete.

        Returns:
            The message; None if it was deleted.
        """
        channel = self._state.channels[channel_id]
        if response.get("delete_original"):
            if source and source.ts in channel.messages:
                self._messages.delete(source)
            return None
        text, blocks = str(response.get("text") or ""), response.get("blocks") or []
        attachments = response.get("attachments")
        if not (text or blocks or attachments):
            raise ApiError("no_text")
        if errors := block_errors(blocks, "message", self._state.refused_blocks):
            raise ApiError("invalid_blocks", response_metadata={"messages": errors})
        content: dict[str, Any] = {
            "blocks": blocks,
            "attachments": attachments if isinstance(attachments, list) else [],
        }
        if response.get("replace_original") and source:
            self._messages.edit(source, None, text=text, **content)
            return source
        thread_ts = response.get("thread_ts")
        if response.get("response_type") == "in_channel":
            bot = self._state.installation.bot_user_id
            return self._messages.post(channel, bot, text, thread_ts=thread_ts, **content)
        return self._messages.post_ephemeral(channel, user, text, thread_ts=thread_ts, **content)
