"""Block Kit of watched channels."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.features import watching
from bot.store.channels.watches import Watch
from slack_emulator.payloads.mentions import mentions
from tests.support.blocks import assert_valid_reply, assert_valid_view

EMOJI = st.from_regex(r"[\w+'-]{0,100}", fullmatch=True)
WATCHES = st.builds(Watch, st.just("U0USER"), EMOJI, EMOJI, EMOJI, st.floats(0, 0.99), st.none())


@given(WATCHES)
@settings(deadline=None)
def test_any_settings(watch: Watch) -> None:
    """The modal, the announcement and the status are valid, and mention only who turned watching on."""
    assert_valid_view(watching.blocks.settings_view(watch, "C0CHANNEL"))
    for reply in (watching.blocks.announcement(watch), watching.blocks.status(watch)):
        assert_valid_reply(reply)
        assert mentions(reply.text, reply.blocks, []) <= {"U0USER"}
