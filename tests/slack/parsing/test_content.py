"""Extraction of the text of a message from its text, blocks and attachments."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.slack.parsing.content import escape, message_text
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.parsing.styled_letters import without_styles

NAMES = st.sampled_from(["type", "text", "elements", "blocks", "fields", "rows", "title", "child_blocks", "unicode"])
KINDS = ["rich_text", "table", "carousel", "context", "emoji", "date"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner),
    max_leaves=20,
)


def rich(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    """Return a ``rich_text`` block."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}


def mrkdwn(content: str) -> dict[str, Any]:
    """Return a text object."""
    return {"type": "mrkdwn", "text": content}


def section(content: str) -> dict[str, Any]:
    """Return a ``section`` block."""
    return {"type": "section", "text": mrkdwn(content)}


def text(content: str) -> dict[str, Any]:
    """Return an element of a ``rich_text`` block."""
    return {"type": "text", "text": content}


def table(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a ``table`` block."""
    return {"type": "table", "rows": list(rows)}


def cell(content: str) -> dict[str, Any]:
    """Return a cell of a table."""
    return {"type": "raw_text", "text": content}


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
        (
            {
                "blocks": [
                    rich(
                        {"type": "usergroup", "usergroup_id": "S1"},
                        {"type": "text", "text": " by "},
                        {"type": "date", "timestamp": 1720710212, "format": "{date}", "fallback": "11 July"},
                        {"type": "emoji", "name": "wave::skin-tone-3", "unicode": "1f44b-1f3fc"},
                        {"type": "emoji", "name": "tada", "unicode": "?"},
                        text(" "),
                        {"type": "emoji", "name": "our-own"},
                    )
                ]
            },
            "@group by 11 July 👋🏼 🎉 our own",
        ),
        ({"blocks": [rich({"type": "text", "text": "x = 1"}, kind="rich_text_preformatted")]}, ""),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Build* failed"}}]}, "Build failed"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "1 < 2"}}]}, "1 < 2"),
        ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "so"}]}]}, "so"),
        ({"blocks": [{"type": "context", "elements": [{"type": "image"}, {"type": "mrkdwn", "text": "so"}]}]}, "so"),
        ({"blocks": [{"type": "markdown", "text": "fine"}]}, "fine"),
        ({"text": "so", "bot_id": "B1", "blocks": [{"type": "markdown", "text": " "}]}, "so"),
        (
            {"blocks": [{"type": "markdown", "text": "## **So** [bad](https://a.b/c 'd') ![e](f) [g]( < 1"}]},
            "So bad e [g]( < 1",
        ),
        ({"blocks": [{"type": "actions", "elements": [{"type": "button", "text": {"text": "Press"}}]}]}, ""),
        ({"attachments": [{"pretext": "so", "title": "it", "text": "goes", "fallback": "never"}]}, "so\nit\ngoes"),
        ({"attachments": [{"fallback": "an alert"}]}, "an alert"),
        ({"attachments": [{"fallback": "a picture", "image_url": "https://a.b/c.png"}]}, ""),
        ({"attachments": [{"fallback": "[no preview available]"}]}, ""),
        ({"attachments": [{"fallback": "[640x480px image]"}]}, ""),
        (
            {"attachments": [{"fields": [{"title": "Status", "value": "failed"}], "fallback": "never"}]},
            "Status\nfailed",
        ),
        ({"attachments": [{"text": "theirs", "from_url": "https://a.b/c"}], "blocks": [section("mine")]}, "mine"),
        (
            {"blocks": [{"type": "image", "title": {"type": "plain_text", "text": "Sad cat"}, "alt_text": "cat"}]},
            "Sad cat",
        ),
        (
            {
                "blocks": [
                    {"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("A"), "body": mrkdwn("B")}]}
                ]
            },
            "A\nB",
        ),
        ({"blocks": [{"type": "container", "title": mrkdwn("A"), "child_blocks": [section("B")]}]}, "A\nB"),
        (
            {"blocks": [{"type": "plan", "title": "A", "tasks": [{"title": "B", "details": rich(text("C"))}]}]},
            "A\nB\nC",
        ),
        ({"attachments": [{"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in"}}]}]}, "in"),
        ({"text": None, "files": [{"id": "F1"}]}, ""),
        ({"attachments": [{"title": "theirs", "original_url": "https://a.b/c"}]}, ""),
        ({"subtype": "file_share", "text": "<@U1|ana> uploaded a file: <https://a.b/c|Sad cat>"}, ""),
        ({"subtype": "file_share", "text": "<@U1> uploaded a file: <https://a.b|A> and commented: so\nbad"}, "so\nbad"),
        ({"subtype": "file_share", "text": "so bad"}, "so bad"),
    ],
)
def test_message_text(message: dict[str, Any], text: str) -> None:
    """The text is what Slack shows, without code and buttons."""
    assert plain_text(message_text(message)) == text


PLACEHOLDERS = [
    "This content can't be displayed.",
    "This content can’t be displayed.",
    "This message contains interactive elements.",
    " [no preview available]",
]


@pytest.mark.parametrize("placeholder", [*PLACEHOLDERS, "Deploy", ""])
def test_blocks_of_an_app(placeholder: str) -> None:
    """What an app's message shows is its blocks, not the text for notifications."""
    blocks = [section("Deploy failed again, I hate it"), {"type": "actions", "elements": []}]
    for app in ({"bot_id": "B1"}, {"subtype": "bot_message"}):
        assert message_text({"text": placeholder, "blocks": blocks, **app}) == "Deploy failed again, I hate it"


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_placeholders(placeholder: str) -> None:
    """A placeholder is no content, with or without anything else."""
    assert message_text({"text": placeholder, "bot_id": "B1"}) == ""
    assert message_text({"text": placeholder, "bot_id": "B1", "blocks": [{"type": "divider"}]}) == ""
    assert message_text({"text": placeholder, "bot_id": "B1", "attachments": [{"text": "so"}]}) == "so"
    assert message_text({"text": placeholder, "blocks": [rich(text(placeholder.strip()))]}) == placeholder.strip()


def test_text_of_an_app() -> None:
    """Without blocks that say something, an app's text is read, with its attachments but without a link's preview."""
    attachments = [{"title": "Build 7"}, {"title": "never", "from_url": "https://a.b/c"}]
    message = {"text": "It failed", "bot_id": "B1", "attachments": attachments, "blocks": [section(" ")]}
    assert message_text(message) == "It failed\nBuild 7"


@pytest.mark.parametrize(
    "block",
    [
        table([cell("I hate it"), {"type": "raw_number", "value": 7, "text": "7"}], [], [rich(text("never < again"))]),
        {"type": "data_table", "caption": "I hate it 7", "rows": [[cell("never < again")]]},
    ],
)
def test_tables(block: dict[str, Any]) -> None:
    """The cells of a table are read, in the message or pasted by a person, below what they wrote."""
    rows = "I hate it 7\nnever &lt; again"
    pasted = [{"fallback": "[no preview available]", "blocks": [block]}]
    assert message_text({"text": "", "blocks": [block]}) == rows
    assert message_text({"text": "", "attachments": pasted}) == rows
    assert message_text({"text": "Look:", "attachments": pasted}) == f"Look:\n{rows}"
    assert message_text({"text": "Look:", "blocks": [rich(text("Look:")), block]}) == f"Look:\n{rows}"
    assert message_text({"text": "Look:", "attachments": [{**pasted[0], "is_share": True}]}) == "Look:"


@given(JSON, JSON, JSON, st.none() | st.just("B1"))
def test_any_shape(text: object, blocks: object, attachments: object, bot_id: str | None) -> None:
    """Fields of any type cause no error."""
    message = {"text": text, "blocks": blocks, "attachments": attachments, "bot_id": bot_id}
    assert isinstance(message_text(message), str)


@given(st.text(st.characters(categories=["L", "N"], include_characters=" <>&!@#|"), max_size=100))
def test_escape(text: str) -> None:
    """An escaped text has no markup, and its plain text is the original."""
    assert "<" not in escape(text)
    assume(not text.lstrip().startswith(">"))  # which is a quotation, even if it is escaped
    assert plain_text(escape(text)) == without_styles(" ".join(text.split()))
