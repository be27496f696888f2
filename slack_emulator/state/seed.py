"""The people and channels of a new workspace."""

from collections.abc import Callable

from slack_emulator.state.models import Channel, ChannelKind, User
from slack_emulator.state.state import State

_PEOPLE = (
    ("ana", "Ana Ruiz", ("Europe/Madrid", "Central European Time", 3600)),
    ("ben", "Ben Okafor", ("America/New_York", "Eastern Standard Time", -18000)),
    ("chloe", "Chloé Martin", ("Asia/Tokyo", "Japan Standard Time", 32400)),
)


def seed(state: State, new_id: Callable[[str], str]) -> None:
    """Add three people, the bot user, five channels, and a direct message of each person with the bot.

    The bot is a member of #general and #random. #lonely is public without the bot, #secret is private without the
    bot, and #attic is archived.

    Args:
        state: The empty state to fill.
        new_id: Returns an id for a prefix; called for each person and channel.
    """
    app = state.installation
    users = [
        User(new_id("U"), name, real_name, app.team_id, *zone, email=f"{name}@{app.domain}.example")
        for name, real_name, zone in _PEOPLE
    ]
    bot_name = app.bot_name.lower().replace(" ", "_")
    bot = User(app.bot_user_id, bot_name, app.bot_name, app.team_id, bot_id=app.bot_id)
    state.users = {user.id: user for user in (*users, bot)}
    people = [user.id for user in users]

    def add(name: str, kind: ChannelKind, members: list[str], topic: str = "", *, archived: bool = False) -> None:
        channel_id = new_id("D" if kind == "im" else "C")
        channel = Channel(channel_id, name, kind, members[0], members, archived, topic, int(state.clock()))
        state.channels[channel.id] = channel

    add("general", "channel", [*people, bot.id], "Company-wide announcements")
    add("random", "channel", [*people, bot.id], "Everything else")
    add("lonely", "channel", people[:], "A channel without the bot")
    add("secret", "group", people[:2], "A private channel of two people")
    add("attic", "channel", [*people, bot.id], "An archived channel", archived=True)
    for user in users:
        add(user.name, "im", [user.id, bot.id])
