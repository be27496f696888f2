"""Parsing of events."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.parsing.events import AddedReaction, PostedMessage

STRINGS = st.text(st.characters(), max_size=60)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | STRINGS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4))
FIELDS = ("type", "subtype", "bot_id", "channel", "user", "ts", "thread_ts", "text", "event_ts", "reaction", "item")
EVENTS = st.dictionaries(st.sampled_from(FIELDS), JSON | st.dictionaries(st.sampled_from(FIELDS), JSON))


@given(event=EVENTS, team=JSON)
def test_any_event(event: dict[str, Any], team: object) -> None:
    """An event with fields of any type is parsed to a message or reaction with strings, or to None."""
    message = PostedMessage.parse(team, event.get("channel"), event)
    reaction = AddedReaction.parse(team, event)
    if message is not None:
        fields = (message.team, message.channel, message.user, message.ts, message.text)
        assert all(isinstance(value, str) for value in fields)
        assert message.thread_ts is None or isinstance(message.thread_ts, str)
    if reaction is not None:
        assert all(isinstance(getattr(reaction, name), str) for name in reaction.__slots__)
