"""Checks and clean-up of raw text."""

import re

import emoji

_EMOTICON = re.compile(r"[:;=]['-]?[()\[\]/\\|]|<3|\^\^|-_-")
_SURROGATE = re.compile("[\ud800-\udfff]")


def has_no_content(text: str) -> bool:
    """Tell whether ``text`` has no letter, no emoji and no emoticon such as ``:(``, so that it cannot be classified."""
    if any(character.isalpha() for character in text):
        return False
    # Emoji names such as :+1: have no letter.
    return not (emoji.emoji_count(emoji.emojize(text, language="alias")) or _EMOTICON.search(text))


def without_surrogates(text: str) -> str:
    """Replace each lone surrogate, which tokenizers reject, by U+FFFD; offsets in the text stay the same."""
    return _SURROGATE.sub("\ufffd", text)
