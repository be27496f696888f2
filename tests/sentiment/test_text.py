"""What counts as something to judge."""

import pytest

from bot.sentiment.text import has_no_content


@pytest.mark.parametrize(
    "text", ["hi", "4th", "好", "🎉", "👍🏽", ":+1:", ":100:", ":(", "<3", "-_-", "e", "Ω", "été", "a\x00"]
)
def test_words_and_emoji_can_be_judged(text: str) -> None:
    """A word of any script, an emoji or an emoticon is something to judge."""
    assert not has_no_content(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "\n\t", "...", "42", "10:30", "?!", "—", "\u200b\u200d", "\x00", "\ud800", "*_~", "```"]
)
def test_the_rest_cannot(text: str) -> None:
    """Blanks, numbers, punctuation, invisible characters and mark-up alone are nothing to judge."""
    assert has_no_content(text)
