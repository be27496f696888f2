"""Suggestions for mistyped commands."""

import pytest

from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.suggestions import nearest_commands

COMMANDS = [command for feature in ALL_FEATURES for command in feature.commands]
OPPOSITES = {command: undo for feature in ALL_FEATURES for command, undo in feature.opposites.items()}


def nearest(text: str) -> list[str]:
    """Return what is suggested for a text."""
    return nearest_commands(text, COMMANDS, OPPOSITES)


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("watch stattus", "watch status"),
        ("watchh", "watch unwatch"),
        ("wathc", "watch unwatch"),
        ("unwach", "unwatch"),
        ("report banana", "report"),
        ("reprot #general", "report #general"),
        ("token hi", "tokens hi"),
        ("digest wekly", "digest weekly"),
        ("alert please", "alert"),
        ("hlep", "help"),
        ("도움말", "help"),
        ("¡Ayuda!", "help"),
        ("halp", ""),
        ("hello", ""),
        ("match", ""),
        ("great work", ""),
        ("watch this, I love it", ""),
        ("I love the report", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_nearest_commands(text: str, suggested: str) -> None:
    """A short text that is nearly a command is recognized; a sentence, or a word of its own, is not."""
    found = nearest(text)
    assert found == suggested.split() if suggested == "watch unwatch" else " ".join(found) == suggested


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("watch off", "unwatch"),
        ("watch: off!", "unwatch"),
        ("watch stop", "unwatch"),
        ("stop watching", "unwatch"),
        ("please stop watching this channel", "unwatch"),
        ("don't watch", "unwatch"),
        ("watching off", "unwatch"),
        ("wach of", "unwatch"),
        ("watch aus", "unwatch"),
        ("watch 끄기", "unwatch"),
        ("watch बंद", "unwatch"),
        ("off", "unwatch"),
        ("turn it off", "unwatch"),
        ("그만", "unwatch"),
        ("stäng av", "unwatch"),
        ("no digest", "digest off"),
        ("stop reports", "digest off"),
        ("alert no", "alert off"),
        ("don't opt in", "optout"),
        ("optout off", "optin"),
    ],
)
def test_switching_off(text: str, suggested: str) -> None:
    """Of a command that is negated or switched off, only what undoes it is suggested."""
    assert nearest(text) == [suggested]


@pytest.mark.parametrize(
    "text",
    [
        "the watch",
        "I can't stop watching this",
        "no",
        "never again",
        "what a day off",
        "no report was that good",
        "ah non",
    ],
)
def test_negated_texts(text: str) -> None:
    """Texts with a negation that name no command are not taken for one."""
    assert nearest(text) == []
