"""Slack's names of emoji, such as ``tada``.

They are those of https://github.com/iamcal/emoji-data; CONTRIBUTING.md says how to renew the list.
"""

import re
from functools import cache
from pathlib import Path

import emoji

_CODE_POINTS = re.compile(r"[0-9A-Fa-f]{1,5}(?:-[0-9A-Fa-f]{1,5})*")
_VARIATION_SELECTOR = "\ufe0f"
_NO_SKIN_TONE = 0x1F3F9  # skin tone 2 is two code points later


def find_emoji(name: str, skin_tone: int = 0) -> str | None:
    """Return the emoji with a name, or None if Unicode does not have it.

    ``skin_tone`` is 2 to 6, or 0 for none; emoji without skin tones ignore it.
    """
    character = _load_names().get(name)
    if character is None:
        code = f":{name}:"
        character = emoji.emojize(code, language="alias")
        if character == code:
            return None
    if skin_tone:
        toned = character[0] + chr(_NO_SKIN_TONE + skin_tone) + character[1:].removeprefix(_VARIATION_SELECTOR)
        if emoji.is_emoji(toned):
            return toned
    return character


def parse_code_points(code: str) -> str | None:
    """Return the characters of hexadecimal code points such as ``1f44b-1f3fc``; None if they are malformed."""
    return "".join(chr(int(part, 16)) for part in code.split("-")) if _CODE_POINTS.fullmatch(code) else None


@cache
def _load_names() -> dict[str, str]:
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="ascii").splitlines()
    return {name: parse_code_points(code) or "" for name, code in map(str.split, lines)}
