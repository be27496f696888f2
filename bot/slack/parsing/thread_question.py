"""The question how a thread went, as people write it in the thread."""

import re

from bot.slack.parsing.request import command_words

_ARTICLES = "(?:(?:the|this|that|our|whole|entire) )*"
_THREAD = rf"{_ARTICLES}(?:thread|conversation|discussion)"
_QUESTION = re.compile(
    rf"(?:please )?(?:{_ARTICLES}thread|how (?:(?:did|does|do|has|have|is|s|was) )?{_THREAD}(?: so far)?"
    r"(?: (?:go|goes|going|gone|went|read|reads|develop|turn out|turned out))?(?: so far)?"
    rf"|where (?:did|does|has) {_THREAD} turn(?:ed)?|(?:course|mood|sentiment|tone) of {_THREAD})(?: please)?"
)


def asks_about_thread(text: str) -> bool:
    """Return whether ``text`` is ``thread``, or asks how this thread went, such as "how is this thread going?"."""
    return _QUESTION.fullmatch(command_words(text)) is not None
