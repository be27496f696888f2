"""Text in a terminal, where some characters take two cells."""

import pytest
from rich.cells import cell_len

from bot.cli.formatting import one_line, pad


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("I love\nthis\x1b", "I love this"),
        ("한국어", "한국어"),
        ("가" * 30, "가" * 30),
        ("가" * 31, "가" * 29 + "…"),
        ("a" + "가" * 30, "a" + "가" * 29 + "…"),
        ("a" * 61, "a" * 59 + "…"),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    """A text is shortened to the width of a line, in which a Korean syllable takes two cells."""
    assert one_line(text) == line


@pytest.mark.parametrize("text", ["", "POSITIVE", "긍정", "최고다", "😂"])
def test_pad(text: str) -> None:
    """Columns have the same width whatever their script, and text that is too long is kept."""
    assert cell_len(pad(text, 8)) == cell_len(pad(text, 8, right=True)) == 8
    assert pad(text, 8).strip() == pad(text, 8, right=True).strip() == pad(text, -1) == text
