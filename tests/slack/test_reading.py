"""Whatever Slack or anybody in its name sends, reading it ends, soon, and never in an error."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import help_reply
from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.events import AddedReaction, PostedMessage
from bot.slack.parsing.request import AnalysisRequest
from slack_emulator.payloads.mentions import mentions

STRINGS = st.text(st.characters(), max_size=60)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | STRINGS
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4)
)
FIELDS = ("type", "subtype", "bot_id", "channel", "user", "ts", "thread_ts", "text", "event_ts", "reaction", "item")
EVENTS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
MARKUP = st.text(alphabet="ab <>@#!|:*_~`&;\n", max_size=80)


@given(event=EVENTS, team=ANYTHING)
def test_any_event_can_be_read(event: dict[str, Any], team: object) -> None:
    """Of fields of any type and number come a post or a reaction made of strings, or nothing."""
    post = PostedMessage.parse(team, event.get("channel"), event)
    reaction = AddedReaction.parse(team, event)
    if post is not None:
        assert all(isinstance(value, str) for value in (post.team, post.channel, post.user, post.ts, post.text))
        assert post.thread_ts is None or isinstance(post.thread_ts, str)
    if reaction is not None:
        assert all(isinstance(getattr(reaction, name), str) for name in reaction.__slots__)


@given(text=MARKUP | STRINGS, bot=st.text(max_size=12))
def test_any_ask_can_be_read(text: str, bot: str) -> None:
    """Any text, with any id for the bot, is an ask; only one without a text is bare."""
    request = AnalysisRequest.parse(text, bot)
    assert not (request.empty and request.text)
    assert not (request.empty and request.help)


@given(emoji=st.from_regex(r"[a-z0-9_+'-]{1,40}", fullmatch=True), bot=st.sampled_from(["", "U0BOT"]))
def test_help_pings_nobody(emoji: str, bot: str) -> None:
    """Help names the bot and its emoji, and pings no person and no channel."""
    lines = [line.text for feature in ALL_FEATURES for line in feature.help]
    reply = help_reply(lines, bot, emoji)
    assert mentions(reply.text, reply.blocks) <= {"U0BOT"}


@pytest.mark.parametrize("piece", ["tokens ", "<@U0BOT|", "<@U0BOT> ", "--", "--a", "? ", "\n", "\u00a0", "<@U0BOT|x"])
def test_asking_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    """Twice the text takes about twice the time to read, not four times."""

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        found = []
        for _ in range(3):
            started = time.process_time()
            AnalysisRequest.parse(text, "U0BOT")
            found.append(time.process_time() - started)
        return min(found)

    assert seconds(80_000) < 40 * seconds(8_000) + 0.01
