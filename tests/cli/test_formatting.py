"""Text in a terminal, where some characters take two cells."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.cli.formatting import fit, one_line, pad, wrap


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


@given(st.lists(st.text(st.sampled_from("ab가🙂"), min_size=1, max_size=30), min_size=1))
def test_wrap(parts: list[str]) -> None:
    """Lines are at most 80 cells wide, and contain all parts in order."""
    lines = list(wrap(parts))
    assert " ".join(lines).split(" ") == parts
    assert all(cell_len(line) <= 80 for line in lines)
    assert all(cell_len(f"{line} {after.split(' ')[0]}") > 80 for line, after in pairwise(lines))


class TerminalOutput(io.StringIO):
    """Output that goes to a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are broken at spaces to the width of the terminal, and kept where there is none."""
    monkeypatch.setenv("COLUMNS", "30")
    text = "It looks like xoxb-…: on your app's page\nat api.slack.com/apps/a-very-long-address/of-the-app"
    assert fit(text, io.StringIO()) == text
    assert fit(text, TerminalOutput(), "  ").splitlines() == [
        "It looks like xoxb-…: on your",
        "  app's page",
        "at",
        "  api.slack.com/apps/a-very-long-address/of-the-app",
    ]
