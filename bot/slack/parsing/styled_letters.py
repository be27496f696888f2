"""Letters in a style of their own, which are not letters of the alphabet to a model: 𝗯𝗼𝗹𝗱, ⓒⓘⓡⓒⓛⓔⓓ, ꜱᴍᴀʟʟ ᴄᴀᴘɪᴛᴀʟꜱ."""

import re
import unicodedata

_RANGES = (
    *(range(0x250, 0x300), range(0x1D00, 0x1DC0), range(0x2070, 0x2150), range(0x249C, 0x24EA)),
    *(range(0xA730, 0xA800), range(0xFF21, 0xFF5B), range(0x1D400, 0x1D800), range(0x1F110, 0x1F18A)),
)
_NAME = re.compile(r"(LATIN LETTER SMALL|NEGATIVE (?:CIRCLED|SQUARED) LATIN) CAPITAL (?:LETTER )?([A-Z])")


def _plain_letter(character: str) -> str | None:
    """Return the ASCII letter that ``character`` shows in another style; None if it shows none."""
    plain = unicodedata.normalize("NFKC", character)
    if letter := re.fullmatch(r"\(?([A-Za-z])\)?", plain):
        return letter[1]
    if named := _NAME.fullmatch(unicodedata.name(plain if len(plain) == 1 else character, "")):
        return named[2].lower() if named[1].endswith("SMALL") else named[2]
    return None


# Lines below and through letters are left out, and so is what is invisible, such as a soft hyphen.
_LEFT_OUT = "\u0332\u0335\u0336\u0337\u0338\u035f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_PLAIN_LETTERS = {
    character: plain for codes in _RANGES for character in map(chr, codes) if (plain := _plain_letter(character))
}
_STYLED = re.compile(f"[{_LEFT_OUT}{''.join(_PLAIN_LETTERS)}](?!\ufe0f)")


def without_styles(text: str) -> str:
    """Replace letters in a style of their own by plain letters, unless they are emoji such as 🅰️.

    Invisible characters are removed, unless scripts or emoji need them.
    """
    return text if text.isascii() else _STYLED.sub(lambda match: _PLAIN_LETTERS.get(match[0], ""), text)
