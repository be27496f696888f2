"""Formats of numbers and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentiment.formatting import (
    bar,
    deciding_words,
    format_attribution,
    format_points,
    percent,
    plain_label,
    shorten,
    sparkline,
    whole_percent,
)
from bot.sentiment.types import Word


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, "0.0 %"),
        (0.00001, "0.1 %"),
        (0.29, "29.0 %"),
        (2 / 3, "66.7 %"),
        (0.9994, "99.9 %"),
        (0.99999, "99.9 %"),
        (1, "100.0 %"),
    ],
)
def test_percent(share: float, expected: str) -> None:
    """Percentages are rounded, but only 1 becomes 100 % and only 0 becomes 0 %."""
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


@pytest.mark.parametrize(
    ("attribution", "expected"),
    [(0.693148, "▲ 2.0 ×"), (-0.693148, "▼ 2.0 ×"), (2.3027, "▲ 10 ×"), (-99, "▼ 999 ×")],
)
def test_attribution(attribution: float, expected: str) -> None:
    """An attribution is shown as how many times it raises or lowers the odds."""
    assert format_attribution(attribution) == expected


def test_deciding_words() -> None:
    """The words with the largest attributions come first, whatever their sign, without punctuation and small ones."""
    texts = {"a": 1.5, "b": -3.0, "!": 4.0, "c": 0.9, "d": 0.1, "🎉": 1.2, "e": 1.1, "f": 1.05}
    words = [Word(text, 0, 1, attribution) for text, attribution in texts.items()]
    assert [word.text for word in deciding_words(words)] == ["b", "a", "🎉", "e", "f"]
    assert deciding_words([Word("a", 0, 1, 0.3)]) == []


@pytest.mark.parametrize(("label", "shown"), [("POSITIVE", "Positive"), ("5 stars", "5 stars"), ("joy", "joy")])
def test_plain_label(label: str, shown: str) -> None:
    """A label in capitals is shown in plain case, others as they are."""
    assert plain_label(label) == shown


@pytest.mark.parametrize(("share", "shown"), [(0, "0 %"), (0.456, "46 %"), (0.9999, "99 %"), (1, "100 %")])
def test_whole_percent(share: float, shown: str) -> None:
    """Only a share of 1 is 100 %."""
    assert whole_percent(share) == shown


@given(st.text(), st.integers(1, 50))
def test_shorten(text: str, limit: int) -> None:
    """A text is never longer than the limit, and a short text stays unchanged."""
    assert len(shorten(text, limit)) <= limit
    assert len(text) > limit or shorten(text, limit) == text
