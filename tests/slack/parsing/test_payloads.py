"""Parsing of payloads of interactions."""

from typing import Any

import pytest

from bot.slack.parsing.events import ActionSource


@pytest.mark.parametrize(
    ("body", "source"),
    [
        (
            {"container": {"channel_id": "C1", "message_ts": "1.1", "thread_ts": "1.0"}, "user": {"id": "U1"}},
            ActionSource("C1", "1.1", "1.0", "U1"),
        ),
        (
            {"container": {"type": "view"}, "view": {"id": "V1", "hash": "h"}, "user": {"id": "U1"}},
            ActionSource("V1", "h", None, "U1"),
        ),
        (
            {
                "channel": {"id": "C1"},
                "message_ts": "1.1",
                "message": {"thread_ts": "1.0"},
                "response_url": "https://x",
            },
            ActionSource("C1", "1.1", "1.0", "", "https://x"),
        ),
        ({"channel_id": "C1", "user_id": "U1"}, ActionSource("C1", "", None, "U1")),
        ({"container": None, "view": None, "user": None}, ActionSource("", "", None, "")),
        ({}, ActionSource("", "", None, "")),
    ],
)
def test_action_source(body: dict[str, Any], source: ActionSource) -> None:
    """The source of an action is a message, a view or a channel; missing fields are empty."""
    assert ActionSource.parse(body) == source
