"""Number and text formats shared by Slack and the terminal."""

import math
from collections.abc import Sequence

from bot.sentiment.text import has_no_content
from bot.sentiment.types import Word

BAR_CELLS = 10
EMOJI = {"POSITIVE": "🙂", "NEUTRAL": "😐", "NEGATIVE": "🙁"}
MAX_DECIDING_WORDS = 5
MIN_ATTRIBUTION = math.log(2)
"""The least attribution of a word that is shown: it doubles or halves the odds of the label."""
_BLOCKS = "▁▂▃▄▅▆▇█"


def label_emoji(label: str) -> str:
    """Return an emoji for a label of any model."""
    return EMOJI.get(label.upper(), "💬")


def percent(share: float) -> str:
    """Format a share of 0 to 1 with one decimal; only 1 becomes 100 %, and only 0 becomes 0 %."""
    lowest, highest = int(share > 0), 1000 if share == 1 else 999
    return f"{min(max(round(share * 1000), lowest), highest) / 10:.1f} %"


def whole_percent(share: float) -> str:
    """Format a share of 0 to 1 in whole per cent; only 1 becomes 100 %."""
    return f"{100 if share == 1 else min(round(share * 100), 99)} %"


def plain_label(label: str) -> str:
    """Return a label in plain case, such as ``Positive`` for ``POSITIVE``."""
    return label.capitalize() if label.isupper() else label


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


def deciding_words(words: Sequence[Word]) -> list[Word]:
    """Return the words that change the odds of the label most, strongest first, at most ``MAX_DECIDING_WORDS``.

    Punctuation, and words with less than a quarter of the strongest one's attribution, are left out.
    """
    threshold = max([MIN_ATTRIBUTION, *(abs(word.attribution) / 4 for word in words)])
    relevant = [word for word in words if abs(word.attribution) >= threshold and not has_no_content(word.text)]
    return sorted(relevant, key=lambda word: -abs(word.attribution))[:MAX_DECIDING_WORDS]


def format_attribution(attribution: float) -> str:
    """Format an attribution as how many times it raises ▲ or lowers ▼ the odds of the label."""
    times = math.exp(min(abs(attribution), math.log(999)))
    return f"{'▲' if attribution > 0 else '▼'} {f'{times:.0f}' if times >= 9.5 else f'{times:.1f}'} ×"


def shorten(text: str, limit: int) -> str:
    """Truncate ``text`` to ``limit`` characters, ending in an ellipsis if anything was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
