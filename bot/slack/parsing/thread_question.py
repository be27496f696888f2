"""The question how a thread went, as people write it in the thread or to the agent."""

import re
from difflib import get_close_matches

from bot.slack.parsing import korean
from bot.slack.parsing.request import command_words

LOOKING = (
    r"(?: (?:that |which )?(?:i am|i m|im|i)(?: now| currently)?"
    r" (?:looking at|viewing|reading|seeing|see|in|have open))?"
)
"""What may follow the noun in a question about what is open beside the agent; a pattern, like the next one."""

AFTER = r"(?: (?:please|pls|thanks|thank|you|now|right|today|currently|overall|for|me|to|bot|sentiment))*"
"""What may follow a question."""

_BEFORE = (
    r"(?:(?:hey|hi|hello|ok|okay|so|and|please|pls) )*(?:(?:can|could|would|will) you )?(?:please )?"
    r"(?:(?:tell|show|give) (?:me|us) |(?:i|we) (?:d like|would like|want) to know |do you know )?"
)
_ARTICLES = "(?:(?:a|the|this|that|my|our|whole|entire|current|open) )*"
_THREAD = rf"{_ARTICLES}(?:thread|conversation|discussion){LOOKING}(?: here)?"
_WENT = r"(?:(?:go|goes|going|gone|went|reads?|reading|develop|developed|turn out|turned out)(?: so far)?|so far)"
_MOOD = r"(?:course|mood|sentiment|tone|vibe|atmosphere)"
_QUESTION = re.compile(
    rf"(?:sentiment )?(?:please )?{_ARTICLES}thread(?: (?:report|{_MOOD}))?{AFTER}"
    rf"|{_BEFORE}(?:how (?:(?:did|does|do|has|have|is|s|was) )?{_THREAD}(?: {_WENT})?"
    rf"|where (?:(?:did|does|has) )?{_THREAD} turn(?:ed|s)?"
    rf"|(?:(?:what|how) (?:is|s|was) )?(?:the )?{_MOOD} (?:of|in) {_THREAD}"
    rf"|(?:a |the )?report (?:(?:on|of|about|for) )?{_THREAD}"
    rf"|(?:analy[sz]e|read|check) (?:the|this|that) thread{LOOKING}"
    rf"){AFTER}|{korean.THREAD}"
)

_MAX_WORDS = 12  # of a mistyped question
_SIMILARITY = 0.8
_WORDS = (
    *("how", "where", "what", "did", "does", "do", "has", "have", "is", "was", "the", "this", "that", "our", "whole"),
    *("thread", "conversation", "discussion", "go", "goes", "going", "gone", "went", "read", "reads", "turn", "turned"),
    *("course", "mood", "sentiment", "tone", "of", "in", "so", "far", "tell", "me", "please", "can", "you", "report"),
)


def asks_about_thread(text: str) -> bool:
    """Return whether ``text`` is ``thread``, or asks how this thread went, such as "how is this thread going?".

    ``/sentiment thread`` does, too, since Slack does not run the command in a message.
    """
    return _QUESTION.fullmatch(command_words(text)) is not None


def may_ask_about_thread(text: str) -> bool:
    """Return whether ``text`` would ask how this thread went if some of its words were spelled otherwise."""
    words = command_words(text).split()
    return len(words) <= _MAX_WORDS and asks_about_thread(" ".join(map(_nearest_word, words)))


def _nearest_word(word: str) -> str:
    near = [word] if word in _WORDS else get_close_matches(word, _WORDS, 1, _SIMILARITY)
    return near[0] if near else word
