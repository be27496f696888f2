"""People and messages that the emulated workspace has before the bot is asked."""

from collections.abc import Sequence
from datetime import datetime

from slack_emulator import User, Workspace


def add_members(workspace: Workspace, channel: str, count: int = 6) -> Sequence[str]:
    """Make sure that ``count`` further people are members of ``channel``; return their ids, the same for each call."""
    state = workspace.state
    users = [f"UMEMBER{i}" for i in range(count)]
    for i, user in enumerate(users):
        state.users.setdefault(user, User(user, f"member{i}", f"Person {i}", workspace.team_id))
        if user not in state.channels[channel].members:
            state.channels[channel].members.append(user)
    return users


def add_past_message(
    workspace: Workspace,
    channel_id: str,
    user: str,
    text: str,
    at: datetime,
    *,
    thread_ts: str | None = None,
    **fields: object,
) -> str:
    """Add a message to the history of a channel without sending an event; return its ts.

    Args:
        workspace: the workspace.
        channel_id: the channel.
        user: the author.
        text: the text, in mrkdwn.
        at: when it was posted.
        thread_ts: the thread that it replies in.
        fields: further attributes of the message.
    """
    channel = workspace.state.channels[channel_id]
    return workspace.messages.add_past(channel, user, text, at, thread_ts=thread_ts, **fields).ts
