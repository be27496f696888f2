"""Checks and clean-up of raw text, and the boundaries of its words."""

import re
import unicodedata

import emoji

from bot.sentiment.emoticons import has_emoticon

_SURROGATE = re.compile("[\ud800-\udfff]")
SCRIPTS_WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana and Chinese characters, for a regular expression's set of characters."""

_WITHOUT_SPACES = re.compile(f"[{SCRIPTS_WITHOUT_SPACES}]")
_NAME_WITHOUT_LETTERS = re.compile(r":[+\-\d]+:")
_APOSTROPHES = "'’"
_JOINER = "\u200d"
_REGIONAL_INDICATORS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them are a flag, such as 🇰🇷
_PART = re.compile(rf"(?:\w\u0300*)+|[{_REGIONAL_INDICATORS}]{{2}}\u0300*|[^\w\s\u0300]\u0300*|\u0300+")


def has_no_content(text: str) -> bool:
    """Return whether ``text`` has no letter, no emoji and no emoticon such as ``:(``, so it cannot be classified."""
    if any(character.isalpha() for character in text):
        return False
    # Emoji names such as :+1: have no letter.
    names = " ".join({*_NAME_WITHOUT_LETTERS.findall(text)})
    return not (emoji.emoji_count(text + emoji.emojize(names, language="alias")) or has_emoticon(text))


def without_surrogates(text: str) -> str:
    """Replace each lone surrogate, which tokenizers reject, by U+FFFD; offsets in the text stay the same."""
    return _SURROGATE.sub("\ufffd", text)


def split_at_punctuation(text: str) -> list[str]:
    """Split ``text`` into runs of letters and digits, and single other characters, without the whitespace.

    A combining mark, such as a vowel sign in Hindi, belongs to the character before it. A flag is one character.
    """
    # re has no class for marks, so all of them are replaced by one that the pattern names.
    marked = "".join("\u0300" if _extends(character) else character for character in text)
    return [text[part.start() : part.end()] for part in _PART.finditer(marked)]


def continues_character(text: str, position: int) -> bool:
    """Return whether the code point at ``position`` is part of the character before.

    That is a mark, a joined emoji or the second half of a flag.
    """
    return position > 0 and (
        _extends(text[position]) or text[position - 1] == _JOINER or _completes_flag(text, position)
    )


def continues_word(text: str, position: int) -> bool:
    """Return whether a token that begins at ``position`` continues the word that ends there.

    Letters and digits continue a word, and so does an apostrophe between letters; punctuation continues punctuation,
    as in ``...`` or ``:)``. In a script without spaces, such as Japanese, each token is a word.
    """
    if position == 0 or continues_character(text, position):
        return position > 0
    before, after = text[position - 1], text[position]
    if _WITHOUT_SPACES.match(before) or _WITHOUT_SPACES.match(after):
        return False
    if after in _APOSTROPHES:
        return _is_letter(before) and _is_letter(text[position + 1 : position + 2])
    if before in _APOSTROPHES:
        return _is_letter(after) and _is_letter(text[position - 2 : position - 1])
    return (_is_letter(before) and _is_letter(after)) or (_is_punctuation(before) and _is_punctuation(after))


def _is_letter(character: str) -> bool:
    """Return whether ``character``, if any, is a letter, a digit, an underscore or a mark."""
    return character.isalnum() or character == "_" or (character != "" and _extends(character))


def _is_punctuation(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "PS" and category != "So"


def _extends(character: str) -> bool:
    """Return whether ``character`` is a combining mark, a skin tone or invisible."""
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf") or "\U0001f3fb" <= character <= "\U0001f3ff"


def _completes_flag(text: str, position: int) -> bool:
    """Return whether the regional indicator at ``position``, if it is one, is the second of a pair."""
    before = text[:position]
    return text[position] in _REGIONAL_INDICATORS and (len(before) - len(before.rstrip(_REGIONAL_INDICATORS))) % 2 == 1


def first_line(error: Exception) -> str:
    """Return the first non-empty line of an error's message, without its full stop, or the name of its type."""
    lines = (line.strip().rstrip(".:") for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)
