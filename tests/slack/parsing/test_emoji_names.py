"""Slack's names of emoji."""

from pathlib import Path

import emoji
import pytest

from bot.slack.parsing import emoji_names
from bot.slack.parsing.emoji_names import find_emoji, parse_code_points
from bot.slack.parsing.mrkdwn import plain_text
from slack_emulator.state.emoji_names import load_emoji

NAMES = [line.split()[0] for line in Path(emoji_names.__file__).with_suffix(".txt").read_text().splitlines()]


def test_all_names() -> None:
    """Each of Slack's names becomes one emoji, which is read as itself."""
    assert len(NAMES) > 1900
    for name in NAMES:
        character = plain_text(f":{name}:")
        assert emoji.is_emoji(character), name
        assert plain_text(character) == character


def test_emulator() -> None:
    """The emulator, which knows nothing of the bot, has the same list."""
    assert list(load_emoji()) == NAMES


@pytest.mark.parametrize(
    ("name", "skin_tone", "character"),
    [
        ("face_palm", 0, "🤦"),
        ("flag-bs", 0, "🇧🇸"),
        ("egg", 0, "🥚"),  # another emoji has this name elsewhere
        ("wave", 3, "👋🏼"),
        ("man-shrugging", 5, "🤷🏾‍♂️"),
        ("v", 2, "✌🏻"),
        ("tada", 2, "🎉"),
        ("thumbs_up", 0, "👍"),  # not one of Slack's
        ("party_parrot", 0, None),
        ("", 0, None),
    ],
)
def test_find_emoji(name: str, skin_tone: int, character: str | None) -> None:
    """A name has an emoji, in the skin tone if there is one; other names, and a workspace's own, have none."""
    assert find_emoji(name, skin_tone) == character


@pytest.mark.parametrize(
    ("code", "characters"), [("1f44b-1f3fc", "👋🏼"), ("2764-FE0F", "❤️"), ("wave", None), ("1f44b-", None), ("", None)]
)
def test_parse_code_points(code: str, characters: str | None) -> None:
    """Hexadecimal code points become characters; anything else is malformed."""
    assert parse_code_points(code) == characters
