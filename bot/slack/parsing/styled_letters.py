"""Letters in a style of their own, which are not letters of the alphabet to a model: 𝗯𝗼𝗹𝗱, ⓒⓘⓡⓒⓛⓔⓓ, ꜱᴍᴀʟʟ ᴄᴀᴘɪᴛᴀʟꜱ."""

import re
import unicodedata

_RANGES = (
    *(range(0x250, 0x300), range(0x1D00, 0x1DC0), range(0x2070, 0x2150), range(0x24B6, 0x24EA)),
    *(range(0xA730, 0xA800), range(0xFF21, 0xFF5B), range(0x1D400, 0x1D800), range(0x1F130, 0x1F18A)),
)
_NAME = re.compile(r"(LATIN LETTER SMALL|NEGATIVE (?:CIRCLED|SQUARED) LATIN) CAPITAL (?:LETTER )?([A-Z])")


def _plain_letter(character: str) -> str | None:
    """Return the ASCII letter that ``character`` shows in another style; None if it shows none."""
    plain = unicodedata.normalize("NFKC", character)
    if plain.isascii() and plain.isalpha() and len(plain) == 1:
        return plain
    if named := _NAME.fullmatch(unicodedata.name(character, "")):
        return named[2].lower() if named[1].endswith("SMALL") else named[2]
    return None


# Lines below and through letters are left out.
_PLAIN_LETTERS = dict.fromkeys("\u0332\u0335\u0336\u0337\u0338", "") | {
    character: plain for codes in _RANGES for character in map(chr, codes) if (plain := _plain_letter(character))
}
_STYLED = re.compile(f"[{''.join(_PLAIN_LETTERS)}](?!\ufe0f)")


def without_styles(text: str) -> str:
    """Replace letters in a style of their own by plain letters, unless they are emoji such as 🅰️."""
    return text if text.isascii() else _STYLED.sub(lambda match: _PLAIN_LETTERS[match[0]], text)
