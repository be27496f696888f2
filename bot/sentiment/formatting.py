"""Number and text formats shared by Slack and the terminal."""

from collections.abc import Sequence

from bot.sentiment.types import Word

BAR_CELLS = 10
EMOJI = {"POSITIVE": "🙂", "NEUTRAL": "😐", "NEGATIVE": "🙁"}
_BLOCKS = "▁▂▃▄▅▆▇█"


def label_emoji(label: str) -> str:
    """Return an emoji for a label of any model."""
    return EMOJI.get(label.upper(), "💬")


def percent(share: float) -> str:
    """Format a share of 0 to 1 with one decimal, rounded down so that only 1 becomes 100 %."""
    # The inner rounding keeps binary fractions from turning 0.29 into 28.9.
    return f"{int(round(share * 1000, 6)) / 10:.1f} %"


def bar(share: float) -> str:
    """Draw a share of 0 to 1 as a bar of ten cells."""
    filled = round(share * BAR_CELLS)
    return "█" * filled + "░" * (BAR_CELLS - filled)


def sparkline(shares: Sequence[float | None]) -> str:
    """Draw shares of 0 to 1 in one line, one character each: ▁ for 0, █ for 1, a space for None."""
    return "".join(" " if share is None else _BLOCKS[min(7, int(share * 8))] for share in shares)


def format_points(share: float) -> str:
    """Format a difference of shares in percentage points, with its sign."""
    points = round(share * 100, 1)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points):.1f}"


def format_attribution(attribution: float) -> str:
    """Format an attribution in percentage points; arrow and sign show its direction without colour."""
    points = round(attribution * 100, 1)
    arrow, sign = ("▲", "+") if points > 0 else ("▼", "−") if points < 0 else ("·", "")
    return f"{arrow} {f'{sign}{abs(points):.1f}':>6}"


def strongest(words: Sequence[Word], count: int) -> list[Word]:
    """Return the ``count`` words with the largest attributions of either sign, largest first."""
    return sorted(words, key=lambda word: -abs(word.attribution))[:count]


def shorten(text: str, limit: int) -> str:
    """Truncate ``text`` to ``limit`` characters, ending in an ellipsis if anything was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
