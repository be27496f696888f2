"""Conversion of typed text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from slack_emulator.payloads.mentions import mentions
from slack_emulator.payloads.rich_text import rich_text, to_mrkdwn
from slack_emulator.validation.blocks import block_errors


@given(st.text(alphabet="<>&!@#|:ab channel/.", max_size=30))
@settings(max_examples=200, deadline=None)
def test_typed_text_is_escaped(typed: str) -> None:
    """Typed text mentions nobody without an @, and its rich text block is valid."""
    stored = to_mrkdwn(typed, {}, {})
    assert block_errors([rich_text(stored or " ")], "message") == []
    assert mentions(stored, []) <= {"!channel"}
    if "@channel" not in typed:
        assert mentions(stored, []) == set()


def test_link_in_brackets() -> None:
    """A URL in angle brackets becomes a link to that URL alone."""
    assert to_mrkdwn("see <https://a.b/?x=1&y=2>.", {}, {}) == "see &lt;<https://a.b/?x=1&amp;y=2>&gt;."
