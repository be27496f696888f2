"""Checks and clean-up of raw text."""

import re

import emoji

_EMOTICON = re.compile(r"[:;=]['-]?[()\[\]/\\|]|<3|\^\^|-_-")
_SURROGATE = re.compile("[\ud800-\udfff]")


def has_no_content(text: str) -> bool:
    """Return whether ``text`` has no letter, no emoji and no emoticon such as ``:(``, so it cannot be classified."""
    if any(character.isalpha() for character in text):
        return False
    # Emoji names such as :+1: have no letter.
    return not (emoji.emoji_count(emoji.emojize(text, language="alias")) or _EMOTICON.search(text))


def without_surrogates(text: str) -> str:
    """Replace each lone surrogate, which tokenizers reject, by U+FFFD; offsets in the text stay the same."""
    return _SURROGATE.sub("\ufffd", text)


def first_line(error: Exception) -> str:
    """Return the first non-empty line of an error's message, without its full stop, or the name of its type."""
    lines = (line.strip().rstrip(".:") for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)
