"""Suggestions for mistyped commands."""

import pytest

from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.suggestions import nearest_command

COMMANDS = [command for feature in ALL_FEATURES for command in feature.commands]


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("watch stattus", "watch status"),
        ("watchh", "watch"),
        ("unwach", "unwatch"),
        ("report banana", "report"),
        ("reprot #general", "report #general"),
        ("token hi", "tokens hi"),
        ("digest wekly", "digest weekly"),
        ("alert please", "alert"),
        ("halp", None),
        ("hello", None),
        ("match", None),
        ("great work", None),
        ("watch this, I love it", None),
        ("I love the report", None),
        ("", None),
        ("...", None),
    ],
)
def test_nearest_command(text: str, suggested: str | None) -> None:
    """A short text that is nearly a command is recognized; a sentence, or a word of its own, is not."""
    assert nearest_command(text, COMMANDS) == suggested
