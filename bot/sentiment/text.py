"""What of a text can be judged at all."""

import re

import emoji

_EMOTICON = re.compile(r"[:;=]['-]?[()\[\]/\\|]|<3|\^\^|-_-")
_SURROGATE = re.compile("[\ud800-\udfff]")


def has_no_content(text: str) -> bool:
    """Tell whether ``text`` holds no word, no emoji and no emoticon such as ``:(``."""
    if any(character.isalpha() for character in text):
        return False
    # Names such as :+1: have no letter.
    return not (emoji.emoji_count(emoji.emojize(text, language="alias")) or _EMOTICON.search(text))


def without_surrogates(text: str) -> str:
    """Replace each lone surrogate, which no tokenizer takes, by U+FFFD; every other place stays the same."""
    return _SURROGATE.sub("\ufffd", text)
