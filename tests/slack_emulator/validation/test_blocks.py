"""Validation of blocks and views."""

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slack_emulator.payloads.rich_text import rich_text
from slack_emulator.validation.blocks import Surface, block_errors, view_errors

PLAIN = {"type": "plain_text", "text": "x"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(
    [
        *("actions", "section", "context", "header", "input", "image", "table", "rich_text", "markdown", "mrkdwn"),
        *(
            "alert",
            "card",
            "carousel",
            "container",
            "context_actions",
            "data_table",
            "feedback_buttons",
            "plan",
            "button",
            "static_select",
            "plain_text",
            "rich_text_section",
            "text",
            "data_visualization",
            "pie",
            "bar",
        ),
    ]
)
KEYS = st.sampled_from(
    [
        *("text", "elements", "element", "fields", "accessory", "rows", "chart", "segments", "series", "options"),
        *("block_id", "action_id", "label", "title", "axis_config", "style", "confirm", "option_groups", "value"),
        *("actions", "child_blocks", "icon", "positive_button", "tasks", "page_size", "column_settings", "level"),
    ]
)
BLOCKISH = st.recursive(
    JSON,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.builds(lambda kind, rest: {**rest, "type": kind}, TYPES, st.dictionaries(KEYS, inner, max_size=4))
    ),
    max_leaves=12,
)


def section(text: str, **more: object) -> dict[str, Any]:
    """Return a section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(**more: object) -> dict[str, Any]:
    """Return an actions block with one button."""
    return {"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": PLAIN, **more}]}


def pie(**more: object) -> dict[str, Any]:
    """Return a pie chart."""
    chart = {"type": "pie", "segments": [{"label": "POSITIVE", "value": 3}]}
    return {"type": "data_visualization", "title": "Mood", "chart": chart, **more}


def bar(labels: int, names: list[str]) -> dict[str, Any]:
    """Return a bar chart with the given number of labels and names of series."""
    categories = [str(number) for number in range(labels)]
    data = [{"label": label, "value": 1} for label in categories]
    series = [{"name": name, "data": data} for name in names]
    return pie(chart={"type": "bar", "series": series, "axis_config": {"categories": categories}})


def table(rows: int, cells: int) -> dict[str, Any]:
    """Return a table."""
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "1"}] * cells] * rows}


def card(**more: object) -> dict[str, Any]:
    """Return a card with a button."""
    return {"type": "card", "title": {"type": "mrkdwn", "text": "x"}, "actions": button()["elements"], **more}


def carousel(*cards: object) -> dict[str, Any]:
    """Return a carousel."""
    return {"type": "carousel", "elements": list(cards)}


def container(*blocks: object) -> dict[str, Any]:
    """Return a container."""
    return {"type": "container", "title": PLAIN, "child_blocks": list(blocks)}


def entry(kind: str) -> dict[str, Any]:
    """Return an input block with an element of that type."""
    return {"type": "input", "label": PLAIN, "element": {"type": kind, "action_id": "a"}}


RICH = rich_text("hi <@U1> :tada: <https://a.b|c>")
GOOD: list[list[Any]] = [
    [section("x" * 3000)],
    [{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}],
    [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10}],
    [button(value="v" * 2000, style="danger")],
    [{"type": "divider"}] * 50,
    [table(100, 20)],
    [pie(), pie()],
    [bar(20, ["a", "b"])],
    [RICH],
    [{"type": "markdown", "text": "x" * 12_000}],
    [{"type": "image", "image_url": "https://a.b/c.png", "alt_text": "c"}],
    [carousel(card(), card())],
    [container(section("x"), card())],
]
BAD: list[Any] = [
    {"type": "section"},
    [1],
    [{"type": "sectoin"}],
    [section("")],
    [section("x" * 3001)],
    [section("x", block_id="i" * 256)],
    [section("x", block_id="i"), section("y", block_id="i")],
    [section("x" * 3000)] * 5,
    [{"type": "section"}],
    [section("x", accessory={"type": "buton"})],
    [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    [{"type": "context", "elements": [PLAIN] * 11}],
    [{"type": "context", "elements": []}],
    [{"type": "actions", "elements": button()["elements"] * 2}],
    [button(text={"type": "plain_text", "text": "x" * 76})],
    [button(text={"type": "mrkdwn", "text": "x"})],
    [button(value="v" * 2001)],
    [button(style="blue")],
    [button(action_id="a" * 256)],
    [{"type": "divider"}] * 51,
    [table(101, 1)],
    [table(1, 21)],
    [table(1, 1)] * 2,
    [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
    [pie()] * 3,
    [pie(title="x" * 51)],
    [pie(chart={"type": "donut"})],
    [pie(chart={"type": "pie", "segments": [{"label": "x" * 21, "value": 1}]})],
    [pie(chart={"type": "pie", "segments": [{"label": "x", "value": "1"}]})],
    [bar(1, list("abcdefg"))],
    [bar(1, ["a", "a"])],
    [bar(21, ["a"])],
    [pie(chart={**bar(2, ["a"])["chart"], "axis_config": {"categories": ["0", "2"]}})],
    [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}]}],
    [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
    [{"type": "markdown", "text": "x" * 12_001}],
    [{"type": "image", "image_url": "https://a.b/c.png"}],
    [{"type": "actions", "elements": [{"type": "static_select", "action_id": "a", "options": []}]}],
    [{"type": "card"}],
    [card(title={"type": "mrkdwn", "text": "x" * 151})],
    [card(actions=button(style="blue")["elements"])],
    [card(actions={})],
    [card(icon={"type": "image"})],
    [carousel()],
    [carousel(section("x"))],
    [carousel(*[card()] * 11)],
    [{"type": "carousel"}],
    [container(section(""))],
    [container(entry("file_input"))],
    [container(carousel(card()))],
]


@pytest.mark.parametrize("blocks", GOOD, ids=range(len(GOOD)))
def test_good_blocks(blocks: list[Any]) -> None:
    """Blocks within all limits have no errors."""
    assert block_errors(blocks, "message") == []


@pytest.mark.parametrize("blocks", BAD, ids=range(len(BAD)))
def test_bad_blocks(blocks: object) -> None:
    """Blocks that exceed a limit or are malformed have errors."""
    assert block_errors(blocks, "message")


EVERYWHERE = {"message", "modal", "home"}


@pytest.mark.parametrize(
    ("block", "surfaces"),
    [
        (section("x"), EVERYWHERE),
        (card(), EVERYWHERE),
        (carousel(card()), {"message", "home"}),
        (container(section("x")), {"message", "home"}),
        (pie(), {"message", "home"}),
        (table(1, 1), {"message", "home"}),
        ({"type": "markdown", "text": "x"}, {"message"}),
        ({"type": "alert", "text": PLAIN}, {"modal"}),
        (entry("plain_text_input"), EVERYWHERE),
        (entry("datetimepicker"), {"message", "modal"}),
        (entry("rich_text_input"), {"modal", "home"}),
        (entry("file_input"), {"modal"}),
        (entry("email_text_input"), {"modal"}),
        (entry("url_text_input"), {"modal"}),
        ({**entry("number_input"), "element": {"type": "number_input", "is_decimal_allowed": True}}, {"modal"}),
    ],
    ids=range(15),
)
def test_surfaces(block: dict[str, Any], surfaces: set[Surface]) -> None:
    """A block or element is accepted on the surfaces that Slack documents, and refused on others."""
    assert {surface for surface in get_args(Surface) if not block_errors([block], surface)} == surfaces


@given(BLOCKISH)
@settings(max_examples=150, deadline=None)
def test_arbitrary_json(anything: object) -> None:
    """Any JSON is checked without an exception."""
    for faults in (block_errors(anything, "message"), block_errors([anything], "modal"), view_errors(anything)):
        assert all(isinstance(fault, str) for fault in faults)


@pytest.mark.parametrize(
    ("view", "good"),
    [
        ({"type": "home", "blocks": [{"type": "divider"}] * 100}, True),
        ({"type": "home", "blocks": [{"type": "divider"}] * 101}, False),
        ({"type": "home"}, False),
        ({"type": "modal", "title": PLAIN, "blocks": []}, True),
        ({"type": "modal", "blocks": []}, False),
        ({"type": "modal", "title": {"type": "plain_text", "text": "x" * 25}, "blocks": []}, False),
        ({"type": "modal", "title": PLAIN, "blocks": [], "private_metadata": "x" * 3001}, False),
        ({"type": "modal", "title": PLAIN, "blocks": [table(1, 1)]}, False),
        (
            {
                "type": "modal",
                "title": PLAIN,
                "blocks": [
                    {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input", "action_id": "a"}}
                ],
            },
            False,
        ),
    ],
)
def test_views(view: object, good: bool) -> None:
    """Views have limits of their own, and a modal with inputs needs a submit button."""
    assert (view_errors(view) == []) is good
