"""Calls for the agent view: suggested prompts, and the status and title of a conversation.

A workspace may refuse each of them. The refusal is logged once, and the answer is given all the same.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from bot.errors import SlackError
from bot.slack.client.executor import Call
from bot.slack.client.slack_client import MessageRef, SlackClient

_ATTEMPTS = 3  # fewer than for answers, which must not wait long for these
_MAX_TITLE = 200  # characters

SessionStatus = Literal["active", "processing"]


async def suggest_prompts(slack: SlackClient, channel: str, prompts: Sequence[Mapping[str, str]], title: str) -> None:
    """Suggest prompts above a direct message; with a ``thread_ts`` Slack would not show them."""
    await _call(slack, "assistant.threads.setSuggestedPrompts", channel_id=channel, prompts=prompts, title=title)


async def set_session_status(slack: SlackClient, thread: MessageRef, status: SessionStatus, title: str = "") -> None:
    """Show in a thread whether the bot is working on an answer, and a ``title`` if the thread had no status yet."""
    arguments = {"channel_id": thread.channel, "thread_ts": thread.ts, "status": status}
    if title:
        arguments["title"] = title[:_MAX_TITLE]
    await _call(slack, "agents.sessions.setStatus", **arguments)


async def _call(slack: SlackClient, method: str, **arguments: Any) -> None:  # noqa: ANN401 - arguments of any method
    with suppress(SlackError):
        await slack.call(Call(method, arguments, idempotent=True, attempts=_ATTEMPTS))
