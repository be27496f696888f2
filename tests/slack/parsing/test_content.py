"""Extraction of the text of a message from its text, blocks and attachments."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.slack.parsing.content import escape, message_text
from bot.slack.parsing.mrkdwn import plain_text

NAMES = st.sampled_from(["type", "text", "elements", "blocks"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner),
    max_leaves=20,
)


def rich(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    """Return a ``rich_text`` block."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "hello", "blocks": [rich({"type": "text", "text": "hello"})]}, "hello"),
        ({"text": "", "blocks": [rich({"type": "text", "text": "a <b> & c"})]}, "a <b> & c"),
        (
            {
                "blocks": [
                    rich(
                        {"type": "user", "user_id": "U1"},
                        {"type": "text", "text": " loves "},
                        {"type": "emoji", "name": "tada"},
                        {"type": "link", "url": "https://a.b/c", "text": "this"},
                        {"type": "broadcast", "range": "here"},
                    )
                ]
            },
            "@someone loves 🎉 this@here",
        ),
        ({"blocks": [rich({"type": "text", "text": "x = 1"}, kind="rich_text_preformatted")]}, ""),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Build* failed"}}]}, "Build failed"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "1 < 2"}}]}, "1 < 2"),
        ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "so"}]}]}, "so"),
        ({"blocks": [{"type": "context", "elements": [{"type": "image"}, {"type": "mrkdwn", "text": "so"}]}]}, "so"),
        ({"blocks": [{"type": "markdown", "text": "fine"}]}, "fine"),
        ({"blocks": [{"type": "actions", "elements": [{"type": "button", "text": {"text": "Press"}}]}]}, ""),
        ({"attachments": [{"pretext": "so", "title": "it", "text": "goes", "fallback": "never"}]}, "so\nit\ngoes"),
        ({"attachments": [{"fallback": "a picture"}]}, "a picture"),
        ({"attachments": [{"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in"}}]}]}, "in"),
        ({"text": None, "files": [{"id": "F1"}]}, ""),
    ],
)
def test_message_text(message: dict[str, Any], text: str) -> None:
    """The text is what Slack shows, without code and buttons."""
    assert plain_text(message_text(message)) == text


@given(JSON, JSON, JSON)
def test_any_shape(text: object, blocks: object, attachments: object) -> None:
    """Fields of any type cause no error."""
    assert isinstance(message_text({"text": text, "blocks": blocks, "attachments": attachments}), str)


@given(st.text(st.characters(categories=["L", "N"], include_characters=" <>&!@#|"), max_size=100))
def test_escape(text: str) -> None:
    """An escaped text has no markup, and its plain text is the original."""
    assert "<" not in escape(text)
    assume(not text.lstrip().startswith(">"))  # which is a quotation, even if it is escaped
    assert plain_text(escape(text)) == " ".join(text.split())
