"""How figures are shown, everywhere the same: in Slack and in the terminal."""

from collections.abc import Sequence

from bot.sentiment.types import Word

BAR_CELLS = 10
EMOJI = {"POSITIVE": "🙂", "NEUTRAL": "😐", "NEGATIVE": "🙁"}
_BLOCKS = "▁▂▃▄▅▆▇█"


def percent(share: float) -> str:
    """Write a share of 0 to 1 with one decimal, rounded down so that only certainty is shown as 100 %."""
    # The rounding first keeps 0.29 from becoming 28.9 through its binary digits.
    return f"{int(round(share * 1000, 6)) / 10:.1f} %"


def bar(share: float) -> str:
    """Draw a share of 0 to 1 as ten cells."""
    filled = round(share * BAR_CELLS)
    return "█" * filled + "░" * (BAR_CELLS - filled)


def sparkline(shares: Sequence[float | None]) -> str:
    """Draw shares of 0 to 1 in one line, a character each: ▁ for none, █ for all, a space where there is no share."""
    return "".join(" " if share is None else _BLOCKS[min(7, int(share * 8))] for share in shares)


def format_points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign."""
    rounded = round(share * 100, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"


def format_attribution(attribution: float) -> str:
    """Write a push in percentage points, told apart by sign and direction rather than by colour."""
    points = round(attribution * 100, 1)
    arrow, sign = ("▲", "+") if points > 0 else ("▼", "−") if points < 0 else ("·", "")
    return f"{arrow} {f'{sign}{abs(points):.1f}':>6}"


def strongest(words: Sequence[Word], count: int) -> list[Word]:
    """Return the ``count`` words with the strongest pushes, for or against, strongest first."""
    return sorted(words, key=lambda word: -abs(word.attribution))[:count]


def shorten(text: str, limit: int) -> str:
    """Cut ``text`` to at most ``limit`` characters, with an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
