"""Validation of feedback buttons, tables, alerts and plans."""

from typing import Any, get_args

import pytest

from slack_emulator.validation.blocks import Surface, block_errors

TEXT = {"type": "plain_text", "text": "x"}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}


def half(**more: object) -> dict[str, Any]:
    """Return one half of feedback buttons."""
    return {"text": TEXT, "value": "good", **more}


def feedback(**more: object) -> dict[str, Any]:
    """Return feedback buttons."""
    halves = {"positive_button": half(), "negative_button": half(value="bad")}
    return {"type": "feedback_buttons", "action_id": "rate", **halves, **more}


def icon(**more: object) -> dict[str, Any]:
    """Return an icon button."""
    return {"type": "icon_button", "icon": "trash", "text": TEXT, **more}


def row(*elements: dict[str, Any]) -> dict[str, Any]:
    """Return a context_actions block."""
    return {"type": "context_actions", "elements": [{"action_id": str(i), **one} for i, one in enumerate(elements)]}


def alert(**more: object) -> dict[str, Any]:
    """Return an alert."""
    return {"type": "alert", "text": TEXT, **more}


def data_table(rows: int = 2, columns: int = 2, text: str = "x", **more: object) -> dict[str, Any]:
    """Return a data table whose first column has texts, and the others numbers."""
    head = [{"type": "raw_text", "text": text}] * columns
    line = [{"type": "raw_text", "text": text}, *[{"type": "raw_number", "value": 1, "text": "1"}] * (columns - 1)]
    return {"type": "data_table", "caption": "x", "rows": [head, *[line] * (rows - 1)], **more}


def table(rows: int = 1, text: str = "x", **more: object) -> dict[str, Any]:
    """Return a table."""
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}]] * rows, **more}


def plan(*ids: str) -> dict[str, Any]:
    """Return a plan with tasks of these ids."""
    return {"type": "plan", "title": "x", "tasks": [{"task_id": i, "title": "x", "status": "pending"} for i in ids]}


GOOD = [
    row(feedback(), icon(visible_to_user_ids=["U1"] * 10)),
    row(feedback(positive_button=half(value="v" * 2000, accessibility_label="l" * 75))),
    data_table(201, 20, page_size=100, row_header_column_index=19),
    data_table(rows=201, text="x" * 90),
    {**data_table(), "rows": [data_table()["rows"][0], [RICH, {"type": "raw_number", "value": 1.5}]]},
    table(100, "x" * 100, column_settings=[None, {"align": "right", "is_wrapped": True}]),
    plan("1", "2"),
]
BAD = [
    row(),
    row(*[icon()] * 6),
    row({"type": "button", "text": TEXT}),
    {"type": "actions", "elements": [feedback()]},
    row(feedback(positive_button=None)),
    row(feedback(negative_button=half(value=""))),
    row(feedback(negative_button=half(value="v" * 2001))),
    row(feedback(positive_button=half(text={"type": "mrkdwn", "text": "x"}))),
    row(feedback(positive_button=half(text={"type": "plain_text", "text": "x" * 76}))),
    row(feedback(positive_button=half(accessibility_label="l" * 76))),
    row(feedback(action_id="a" * 256)),
    row(icon(icon="pencil")),
    row(icon(visible_to_user_ids=["U1"] * 11)),
    {**data_table(), "caption": ""},
    data_table(1),
    data_table(202),
    data_table(columns=21),
    data_table(page_size=0),
    data_table(page_size=101),
    data_table(page_size=True),
    data_table(row_header_column_index=2),
    data_table(rows=201, text="x" * 101),
    {**data_table(), "rows": [[RICH], [{"type": "raw_text", "text": "x"}]]},
    {**data_table(), "rows": [*data_table()["rows"], [{"type": "raw_text", "text": "x"}]]},
    {**data_table(), "rows": [*data_table()["rows"], [{"type": "raw_number", "value": "1"}] * 2]},
    table(100, "x" * 101),
    table(column_settings=[None] * 21),
    table(column_settings=[{"align": "middle"}]),
    plan("1", "1"),
    plan(*map(str, range(51))),
]


@pytest.mark.parametrize("block", GOOD, ids=range(len(GOOD)))
def test_good_blocks(block: dict[str, Any]) -> None:
    """Blocks within all limits have no errors."""
    assert block_errors([block], "message") == []


@pytest.mark.parametrize("block", BAD, ids=range(len(BAD)))
def test_bad_blocks(block: dict[str, Any]) -> None:
    """Blocks that exceed a limit or are malformed have errors."""
    assert block_errors([block], "message")


@pytest.mark.parametrize(
    ("block", "good"),
    [
        (alert(level="warning", text={"type": "mrkdwn", "text": "x" * 200}), True),
        (alert(level="fatal"), False),
        (alert(text={"type": "plain_text", "text": "x" * 201}), False),
        ({"type": "alert"}, False),
    ],
)
def test_alerts(block: dict[str, Any], good: bool) -> None:
    """An alert has a text of at most 200 characters, and a known level."""
    assert (block_errors([block], "modal") == []) is good


@pytest.mark.parametrize(
    ("block", "surfaces"),
    [(row(feedback()), {"message"}), (data_table(), {"message", "home"}), (alert(), {"modal"})],
)
def test_surfaces(block: dict[str, Any], surfaces: set[Surface]) -> None:
    """Each block is accepted on the surfaces that Slack documents."""
    assert {surface for surface in get_args(Surface) if not block_errors([block], surface)} == surfaces


def test_characters_of_a_message() -> None:
    """The cells of data tables have a limit of their own, for all of a message; and so has markdown."""
    assert block_errors([data_table(rows=100, text="x" * 120)], "message") == []
    assert block_errors([data_table(rows=100, text="x" * 120)] * 2, "message")
    assert block_errors([{"type": "markdown", "text": "x" * 6001}] * 2, "message")
