"""Constant replies, and the help."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import blocks
from bot.slack.blocks import Reply
from bot.slack.features import ALL_FEATURES, analysis, feedback, privacy, reports, watching
from slack_emulator.payloads.mentions import mentions
from tests.support.blocks import assert_valid_blocks

HELP_LINES = [line.text for feature in ALL_FEATURES for line in feature.help]


def constant_replies() -> Sequence[Reply]:
    """Return the replies that are constants, the help, and what is stored."""
    modules = (blocks, *(package.blocks for package in (analysis, feedback, privacy, reports, watching)))
    constants = [value for module in modules for value in vars(module).values() if isinstance(value, Reply)]
    help_reply = blocks.help_reply(HELP_LINES, "U1", "thermometer")
    return [*constants, help_reply, Reply("stored", [privacy.blocks.STORED_DATA])]


@pytest.mark.parametrize("reply", constant_replies(), ids=lambda reply: reply.text[:30])
def test_constant_replies(reply: Reply) -> None:
    """Constant replies are valid, and have a text for notifications."""
    assert_valid_blocks(reply.blocks)
    assert reply.text


def test_long_button() -> None:
    """The text of a button is shortened to what Slack allows."""
    assert_valid_blocks([blocks.actions([blocks.button("run", "a" * 80)])])


@given(emoji=st.from_regex(r"[a-z0-9_+'-]{1,40}", fullmatch=True), bot=st.sampled_from(["", "U0BOT"]))
def test_help_mentions_nobody_else(emoji: str, bot: str) -> None:
    """The help mentions no user but the bot, and no channel."""
    reply = blocks.help_reply(HELP_LINES, bot, emoji)
    assert mentions(reply.text, reply.blocks) <= {"U0BOT"}
