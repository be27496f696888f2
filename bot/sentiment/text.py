"""What of a text can be judged at all."""

import re

import emoji

_EMOTICON = re.compile(r"[:;=]['-]?[()\[\]/\\|]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def nothing_to_judge(text: str) -> bool:
    """Tell whether ``text`` holds no word, no emoji and no emoticon such as ``:(``."""
    return not (any(character.isalpha() for character in text) or emoji.emoji_count(text) or _EMOTICON.search(text))


def without_surrogates(text: str) -> str:
    """Replace each lone surrogate, which no tokenizer takes, by U+FFFD; every other place stays the same."""
    return _SURROGATE.sub("\ufffd", text)
