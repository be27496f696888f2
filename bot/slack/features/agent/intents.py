"""What a person wants from the agent: a few phrases, with the words that people put around them."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Self

from bot.slack.parsing.request import command_words


class Intent(Enum):
    """What the agent can do other than analyse the message itself. The value is the phrase of its suggested prompt."""

    ANALYZE = "Analyse a text"
    READ = "How does the channel I am looking at read?"
    DRAFT = "Check a draft"
    THREAD = "How did the thread I am looking at go?"
    STORED = "What do you keep about me?"


class Subject(Enum):
    """What is to be read."""

    ANY = "this"  # whatever the person is looking at
    CHANNEL = "channel"
    MESSAGE = "message"


_BEFORE = (
    r"(?:(?:hey|hi|hello|ok|okay|so|and|please|pls|can|could|would|will|you|tell|show|me|i|want|like|to|d|know|help) )*"
)
_AFTER = r"(?: (?:please|pls|thanks|thank|you|now|right|today|currently|overall|for|me|to|bot|sentiment))*"
_LOOKING = (
    r"(?: (?:that |which )?(?:i am|i m|im|i)(?: now| currently)?"
    r" (?:looking at|viewing|reading|seeing|see|in|have open))?"
)
_NOUNS = {Subject.CHANNEL: "channel|room", Subject.MESSAGE: "message|thread|post"}
_NOUN = "|".join(_NOUNS.values())
_NAMED = rf"(?:(?:this|that|the|my|current|open|above|last) )*(?:{_NOUN}){_LOOKING}(?: here)?"
_THIS = rf"(?:this|that|it|what){_LOOKING}"
_READS = r"(?:reads?|reading|sounds?|feels?|comes? across)"
_ABOUT_ME = r"(?: (?:about|on|of|from) (?:me|us|my messages))"
_ARTICLE = r"(?:(?:a|an|the|this|that|my|some|one|following) )*"

_THREAD = rf"(?:(?:this|that|the|my|our|whole|current|open) )*thread{_LOOKING}(?: here)?"
_WENT = r"(?:go|goes|going|gone|went|develop|developed|turn out|turned out)"

_PATTERNS = {
    Intent.THREAD: (
        rf"how (?:(?:did|does|do|has|is|s|was) )?{_THREAD} {_WENT}(?: so far)?|where (?:did|has) {_THREAD} turn(?:ed)?"
    ),
    Intent.READ: (
        rf"how (?:(?:does|do|did|is|s|are) )?(?:{_NAMED}(?: (?:{_READS}|doing|going))?|{_THIS} {_READS})"
        rf"|(?:what (?:is|s) )?(?:the )?(?:mood|sentiment|tone) (?:of|in) (?:{_NAMED}|{_THIS})"
        rf"|(?:analy[sz]e|read|check) (?:this|that|the) (?:{_NOUN}){_LOOKING}"
    ),
    Intent.STORED: (
        r"what(?: data| information)? (?:do|did|have|are|will) you"
        rf" (?:(?:keep|keeping|kept|stor(?:e|ed|ing)|saved?){_ABOUT_ME}?|(?:know|remember|have|hold){_ABOUT_ME})"
    ),
    Intent.DRAFT: rf"check {_ARTICLE}draft|how (?:does|do|will|would) {_ARTICLE}draft {_READS}",
    Intent.ANALYZE: rf"(?:analy[sz]e|classify|check) {_ARTICLE}(?:texts?|sentences?|words|something)",
}
_COMPILED = {intent: re.compile(f"{_BEFORE}(?:{pattern}){_AFTER}") for intent, pattern in _PATTERNS.items()}
_PHRASES = {
    command_words(phrase): phrase
    for phrase in (
        *(intent.value for intent in Intent),
        *("How does this channel read?", "How does this message read?", "How does this read?"),
        *(
            "What do you store about me?",
            "What do you know about me?",
            "How did this thread go?",
            "Check my draft",
            "Check this draft",
        ),
        *("Analyse this text", "Analyse this message", "Analyse this channel"),
    )
}
_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>")
_HEAD = re.compile(r"([^:\n]{1,80})(?::(?=\s)|\n)\s*(.*\S)", re.DOTALL)  # of "Check a draft: TEXT"
_MAX_WORDS = 20  # of a request
_MAX_LENGTH = 200  # characters of what may be a mistyped one
_SIMILARITY = 0.83  # of a mistyped one, as for commands


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """A request to the agent.

    ``text`` (mrkdwn) is what is to be analysed, if it was given with the request; ``channel`` is the id of the channel
    that was named.
    """

    intent: Intent
    text: str = ""
    subject: Subject = Subject.ANY
    channel: str = ""

    @classmethod
    def parse(cls, mrkdwn: str) -> Self | None:
        """Parse a message; None if it is a text to analyse."""
        if intent := _find_intent(mrkdwn):
            channel = _CHANNEL.search(mrkdwn)
            return cls(intent, "", _subject(mrkdwn), channel[1] if channel else "")
        head = _HEAD.fullmatch(mrkdwn.strip())
        if head and (intent := _find_intent(head[1])) in (Intent.ANALYZE, Intent.DRAFT):
            return cls(intent, head[2])
        return None


def nearest_request(mrkdwn: str) -> str | None:
    """Return the phrase that a message, which is no request, may be meant for; None if there is none."""
    near = get_close_matches(command_words(mrkdwn), _PHRASES, 1, _SIMILARITY) if len(mrkdwn) <= _MAX_LENGTH else []
    return _PHRASES[near[0]] if near else None


def _find_intent(mrkdwn: str) -> Intent | None:
    words = command_words(_CHANNEL.sub(" the channel ", mrkdwn))
    if words.count(" ") >= _MAX_WORDS:
        return None
    return next((intent for intent, pattern in _COMPILED.items() if pattern.fullmatch(words)), None)


def _subject(mrkdwn: str) -> Subject:
    words = command_words(_CHANNEL.sub(" channel ", mrkdwn))
    found = (subject for subject, nouns in _NOUNS.items() if re.search(rf"\b(?:{nouns})\b", words))
    return next(found, Subject.ANY)
