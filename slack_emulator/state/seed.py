"""Who and what is in a new workspace."""

from slack_emulator.state.installation import new_id
from slack_emulator.state.models import Channel, ChannelKind, State, User

_PEOPLE = (
    ("ana", "Ana Ruiz", ("Europe/Madrid", "Central European Time", 3600)),
    ("ben", "Ben Okafor", ("America/New_York", "Eastern Standard Time", -18000)),
    ("chloe", "Chloé Martin", ("Asia/Tokyo", "Japan Standard Time", 32400)),
)


def furnish(state: State) -> None:
    """Put the people, the bot and the channels in.

    The bot is a member of #general and #random only. #lonely is public without it, #secret is private without it,
    and #attic is archived. Each person has a direct message with the bot.
    """
    app = state.installation
    users = [User(new_id("U"), name, real_name, app.team_id, *zone) for name, real_name, zone in _PEOPLE]
    bot_name = app.bot_name.lower().replace(" ", "_")
    bot = User(app.bot_user_id, bot_name, app.bot_name, app.team_id, bot_id=app.bot_id)
    state.users = {user.id: user for user in (*users, bot)}
    people = [user.id for user in users]
    _channel(state, "general", "channel", [*people, bot.id], "Everything that concerns everybody")
    _channel(state, "random", "channel", [*people, bot.id], "Everything else")
    _channel(state, "lonely", "channel", people[:], "No bot has come here yet")
    _channel(state, "secret", "group", people[:2], "For two people")
    _channel(state, "attic", "channel", [*people, bot.id], "What is over").is_archived = True
    for user in users:
        _channel(state, user.name, "im", [user.id, bot.id], "")


def _channel(state: State, name: str, kind: ChannelKind, members: list[str], topic: str) -> Channel:
    channel = Channel(
        id=new_id("D" if kind == "im" else "C"),
        name=name,
        kind=kind,
        creator=members[0],
        members=members,
        topic=topic,
        created=int(state.clock()),
    )
    state.channels[channel.id] = channel
    return channel
