"""Slack's names of emoji, such as `tada`.

They are those of https://github.com/iamcal/emoji-data; CONTRIBUTING.md says how to renew the list.
"""

from functools import cache
from pathlib import Path


@cache
def load_emoji() -> dict[str, str]:
    """Return the characters of all emoji by each of their names, without skin tones."""
    lines = Path(__file__).with_suffix(".txt").read_text("ascii").splitlines()
    return {name: "".join(chr(int(code, 16)) for code in codes.split("-")) for name, codes in map(str.split, lines)}


def is_emoji_name(name: str) -> bool:
    """Return whether Slack has an emoji with a name, such as `wave` or `wave::skin-tone-3`."""
    base, _, skin_tone = name.partition("::")
    tones = [f"skin-tone-{number}" for number in range(2, 7)]
    return base in load_emoji() and (skin_tone in tones or base == name)
