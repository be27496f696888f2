"""What a person wants from the agent: a few phrases, with the words that people put around them."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Self

from bot.slack.features.agent.periods import split_period
from bot.slack.parsing import korean
from bot.slack.parsing.request import command_words
from bot.slack.parsing.thread_question import AFTER, LOOKING, asks_about_thread, may_ask_about_thread


class Intent(Enum):
    """What the agent can do other than analyse the message itself. The value is a phrase for it, which is suggested."""

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
_NOUNS = {Subject.CHANNEL: "channel|room", Subject.MESSAGE: "message|post"}
_NOUN = "|".join(_NOUNS.values())
_KOREAN_NOUNS = {Subject.CHANNEL: korean.CHANNEL, Subject.MESSAGE: korean.MESSAGE}  # with particles at the end
_NAMED = rf"(?:(?:this|that|the|my|current|open|above|last) )*(?:{_NOUN}){LOOKING}(?: here)?"
_THIS = rf"(?:this|that|it|what){LOOKING}"
_READS = r"(?:reads?|reading|sounds?|feels?|felt|comes? across)"
_DOES = r"(?:does|do|did|is|s|are|was|were|has|have)"
_MOOD = r"(?:mood|sentiment|tone|vibe|atmosphere)"
_GOING = rf"(?:been )?(?:{_READS}|doing|going)|been"
_ABOUT_ME = r"(?: (?:about|on|of|from) (?:me|us|my messages))"
_ARTICLE = r"(?:(?:a|an|the|this|that|my|some|one|following) )*"

_PATTERNS = {
    Intent.READ: (
        rf"how (?:{_DOES} )?(?:{_NAMED}(?: (?:{_GOING}))?|{_THIS} {_READS})"
        rf"|(?:(?:what|how) (?:is|s|was) )?(?:the )?{_MOOD} (?:here|(?:of|in) (?:{_NAMED}|{_THIS}))"
        rf"|(?:analy[sz]e|read|check) (?:this|that|the) (?:{_NOUN}){LOOKING}"
        rf"|(?:the |a )?report(?: (?:(?:on|of|about|for) )?(?:this |the )+channel)?"
        rf"|(?:(?:what|how) about |(?<=and ))this(?: one)?|{korean.READ}"
    ),
    Intent.STORED: (
        r"what(?: data| information)? (?:do|did|have|are|will) you"
        rf" (?:(?:keep|keeping|kept|stor(?:e|ed|ing)|saved?){_ABOUT_ME}?|(?:know|remember|have|hold){_ABOUT_ME})"
        rf"|{korean.STORED}"
    ),
    Intent.DRAFT: rf"check {_ARTICLE}draft|how (?:does|do|will|would) {_ARTICLE}draft {_READS}|{korean.DRAFT}",
    Intent.ANALYZE: rf"(?:analy[sz]e|classify|check) {_ARTICLE}(?:texts?|sentences?|words|something)|{korean.ANALYZE}",
}
_COMPILED = {intent: re.compile(f"{_BEFORE}(?:{pattern}){AFTER}") for intent, pattern in _PATTERNS.items()}
_BY_NAME = [  # requests that name a channel without a link
    re.compile(
        rf"{_BEFORE}(?:how {_DOES} |(?:(?:what|how) (?:is|s|was) )?(?:the )?{_MOOD} (?:of|in) |report (?:on |for )?)"
        r"(?!(?:i|it|he|she|we|you|they|this|that|these|those|there|everyone|everybody|the|a|an|my|your)\b)"
        rf"(?P<name>\w+(?: \w+){{0,3}}?)(?: channel)?(?: (?:{_GOING}))?{AFTER}"
    ),
    re.compile(korean.BY_NAME),
]
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
_CHANNEL = re.compile(r"<#(\w+)(?:\|[^<>]*)?>|(?<![\w&])(#[\w-]*[^\W\d_][\w-]*)")  # a link, or what is written like one
_ABOUT_CHANNEL = re.compile(rf"{_MOOD} here\b|\breport\b|여기")
_HEAD = re.compile(r"([^:\n]{1,80})(?::(?=\s)|\n)\s*(.*\S)", re.DOTALL)  # of "Check a draft: TEXT"
_MAX_WORDS = 20  # of a request
_MAX_LENGTH = 200  # characters of what may be a mistyped one
_SIMILARITY = 0.83  # of a mistyped one, as for commands


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """A request to the agent.

    ``text`` (mrkdwn) is what is to be analysed, if it was given with the request; ``channel`` is the id of the channel
    that was named, or its name with a ``#``; ``window`` is the name of the report's window, perhaps of one that there
    is not. ``name`` are the words of what may be the name of a channel: if it is none, the message is a text.
    """

    intent: Intent
    text: str = ""
    subject: Subject = Subject.ANY
    channel: str = ""
    window: str = ""
    name: str = ""

    @classmethod
    def parse(cls, mrkdwn: str) -> Self | None:
        """Parse a message; None if it is a text to analyse."""
        words = _words(mrkdwn)
        rest, window = split_period(words)
        if window and _find_intent(rest) is Intent.READ:
            subject = Subject.MESSAGE if _subject(rest) is Subject.MESSAGE else Subject.CHANNEL
            return cls(Intent.READ, "", subject, _channel(mrkdwn), window)
        if intent := _find_intent(words):
            subject = Subject.MESSAGE if intent is Intent.THREAD else _subject(words)
            return cls(intent, "", subject, _channel(mrkdwn))
        head = _HEAD.fullmatch(mrkdwn.strip())
        if head and (intent := _find_intent(_words(head[1]))) in (Intent.ANALYZE, Intent.DRAFT):
            return cls(intent, head[2])
        if named := next(filter(None, (pattern.fullmatch(rest) for pattern in _BY_NAME)), None):
            return cls(Intent.READ, "", Subject.CHANNEL, "", window, named["name"])
        return None


def nearest_request(mrkdwn: str) -> str | None:
    """Return the phrase that a message, which is no request, may be meant for; None if there is none."""
    if len(mrkdwn) > _MAX_LENGTH:
        return None
    if may_ask_about_thread(mrkdwn):
        return Intent.THREAD.value
    near = get_close_matches(command_words(mrkdwn), _PHRASES, 1, _SIMILARITY)
    return _PHRASES[near[0]] if near else None


def _words(mrkdwn: str) -> str:
    """Return the words of a request, with ``the channel`` for each one that is named; empty if there are too many."""
    words = command_words(_CHANNEL.sub(" the channel ", mrkdwn))
    return words if words.count(" ") < _MAX_WORDS else ""


def _find_intent(words: str) -> Intent | None:
    if asks_about_thread(words):
        return Intent.THREAD
    return next((intent for intent, pattern in _COMPILED.items() if pattern.fullmatch(words)), None)


def _channel(mrkdwn: str) -> str:
    found = _CHANNEL.search(mrkdwn)
    return (found[1] or found[2]) if found else ""


def _subject(words: str) -> Subject:
    for subject, nouns in _NOUNS.items():
        if re.search(rf"\b(?:{nouns})\b|{_KOREAN_NOUNS[subject]}", words):
            return subject
    return Subject.CHANNEL if _ABOUT_CHANNEL.search(words) else Subject.ANY
