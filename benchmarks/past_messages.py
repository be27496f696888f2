"""People and messages that the emulated workspace has before the bot is asked."""

from collections.abc import Sequence
from datetime import datetime

from slack_emulator import Message, User, Workspace


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
    workspace: Workspace, channel_id: str, user: str, text: str, at: datetime, **fields: object
) -> str:
    """Add a message to the history of a channel without sending an event; return its ts.

    Args:
        workspace: the workspace.
        channel_id: the channel.
        user: the author.
        text: the text, in mrkdwn.
        at: when it was posted.
        fields: further attributes of the message.
    """
    channel = workspace.state.channels[channel_id]
    ts = f"{int(at.timestamp())}.{len(channel.messages):06d}"
    message = Message(channel_id, ts, user, text, workspace.team_id)
    for name, value in fields.items():
        setattr(message, name, value)
    last = next(reversed(channel.messages), "0")
    channel.add(message)
    if float(ts) < float(last):
        channel.messages = dict(sorted(channel.messages.items(), key=lambda item: float(item[0])))
    return ts
