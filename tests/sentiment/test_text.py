"""Checks and clean-up of texts."""

import pytest

from bot.sentiment.text import first_line, has_no_content


@pytest.mark.parametrize(
    "text", ["hi", "4th", "好", "🎉", "👍🏽", ":+1:", ":100:", ":(", "<3", "-_-", "e", "Ω", "été", "a\x00"]
)
def test_content(text: str) -> None:
    """A word of any script, an emoji or an emoticon is content."""
    assert not has_no_content(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "\n\t", "...", "42", "10:30", "?!", "—", "\u200b\u200d", "\x00", "\ud800", "*_~", "```"]
)
def test_no_content(text: str) -> None:
    """Whitespace, numbers, punctuation, invisible characters and markup are not content."""
    assert has_no_content(text)


@pytest.mark.parametrize(
    ("message", "line"), [("no space left.", "no space left"), ("\n  first:\nsecond", "first"), ("", "OSError")]
)
def test_first_line(message: str, line: str) -> None:
    """An error is reduced to the first line of its message, or to its type."""
    assert first_line(OSError(message)) == line
