"""Formats of numbers and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentiment.formatting import (
    bar,
    format_attribution,
    format_points,
    percent,
    shorten,
    sparkline,
    strongest,
)
from bot.sentiment.types import Word


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "0.0 %"), (0.29, "29.0 %"), (0.5, "50.0 %"), (0.9996, "99.9 %"), (0.99999, "99.9 %"), (1, "100.0 %")],
)
def test_percent(share: float, expected: str) -> None:
    """Percentages are rounded down, so that only 1 becomes 100 %."""
    assert percent(share) == expected


@given(st.floats(0, 1))
def test_bar(share: float) -> None:
    """A bar has ten cells, filled in proportion."""
    assert len(bar(share)) == 10
    assert bar(share).count("█") == round(share * 10)


def test_sparkline() -> None:
    """Each share is one character, and a missing share a space."""
    assert sparkline([0, 0.5, None, 1]) == "▁▅ █"


@pytest.mark.parametrize(("share", "expected"), [(0.123, "+12.3"), (-0.05, "−5.0"), (0.0001, "0.0")])
def test_points(share: float, expected: str) -> None:
    """Differences have a sign unless they round to zero."""
    assert format_points(share) == expected


@given(st.floats(-1, 1).filter(lambda attribution: abs(abs(attribution) - 0.0005) > 1e-9))
def test_attribution(attribution: float) -> None:
    """Attributions have a fixed width, and an arrow and a sign for their direction."""
    formatted = format_attribution(attribution)
    assert len(formatted) == len("▲ +100.0")
    assert formatted.startswith("▲ ") == ("+" in formatted) == (attribution > 0.0005)
    assert formatted.startswith("▼ ") == ("−" in formatted) == (attribution < -0.0005)


def test_strongest() -> None:
    """The largest attributions come first, whatever their sign."""
    words = [Word("a", 0.1), Word("b", -0.5), Word("c", 0.3)]
    assert [word.text for word in strongest(words, 2)] == ["b", "c"]


@given(st.text(), st.integers(1, 50))
def test_shorten(text: str, limit: int) -> None:
    """A text is never longer than the limit, and a short text stays unchanged."""
    assert len(shorten(text, limit)) <= limit
    assert len(text) > limit or shorten(text, limit) == text
