"""The addresses at which an app may answer a command or an interaction, five times in half an hour."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from slack_emulator.actions.messages import Messages
from slack_emulator.errors import SlackError
from slack_emulator.state.models import Channel, Message, State
from slack_emulator.validation.blocks import faults_in

USES = 5
LIFETIME = 30 * 60


@dataclass
class ResponseUrl:
    """One such address: where it leads, for whom, and from which message it came."""

    channel: str
    user: str
    source: Message | None
    expires: float
    uses_left: int = USES


class ResponseUrls:
    """All addresses given out."""

    def __init__(self, state: State, messages: Messages) -> None:
        self._state = state
        self._messages = messages
        self._given: dict[str, ResponseUrl] = {}

    def give(self, channel: Channel, user: str, source: Message | None = None) -> str:
        """Make an address, and give its path on this server."""
        kind = "actions" if source else "commands"
        path = f"/{kind}/{self._state.installation.team_id}/{secrets.token_hex(6)}/{secrets.token_hex(12)}"
        self._given[path] = ResponseUrl(channel.id, user, source, self._state.clock() + LIFETIME)
        return path

    def use(self, path: str, body: str) -> Message | None:
        """Do what the app sent to an address.

        Raises:
            SlackError: `expired_url`, `used_url`, `invalid_payload`, `no_text`, `invalid_blocks`, or posting's own.
        """
        url = self._given.get(path)
        if url is None or self._state.clock() > url.expires:
            raise SlackError("expired_url")
        if not url.uses_left:
            raise SlackError("used_url")
        try:
            answer = json.loads(body)
        except ValueError:
            raise SlackError("invalid_payload") from None
        if not isinstance(answer, dict):
            raise SlackError("invalid_payload")
        done = self.answer(url, answer)
        url.uses_left -= 1
        return done

    def answer(self, url: ResponseUrl, answer: dict[str, Any]) -> Message | None:
        """Post, replace or delete as an answer says: ephemeral unless it says `in_channel`."""
        if answer.get("delete_original"):
            if url.source and url.source.ts in self._state.channels[url.channel].messages:
                self._messages.delete(url.source)
            return None
        text, blocks = str(answer.get("text") or ""), answer.get("blocks") or []
        if not (text or blocks or answer.get("attachments")):
            raise SlackError("no_text")
        if faults := faults_in(blocks, "message", charts=self._state.draws_charts):
            raise SlackError("invalid_blocks", response_metadata={"messages": faults})
        attachments = answer.get("attachments")
        content: dict[str, Any] = {
            "blocks": blocks,
            "attachments": attachments if isinstance(attachments, list) else [],
        }
        if answer.get("replace_original") and url.source:
            self._messages.edit(url.source, None, text=text, **content)
            return url.source
        channel = self._state.channels[url.channel]
        thread_ts = answer.get("thread_ts")
        if answer.get("response_type") == "in_channel":
            bot = self._state.installation.bot_user_id
            return self._messages.post(channel, bot, text, thread_ts=thread_ts, **content)
        return self._messages.whisper(channel, url.user, text, thread_ts=thread_ts, **content)
