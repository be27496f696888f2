"""People of the emulated workspace."""

from collections.abc import Sequence

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
