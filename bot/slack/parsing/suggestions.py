"""Commands that a person may have meant."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bot.slack.parsing.request import command_words
from bot.slack.parsing.translations import folded, means_help, means_off

_MAX_WORDS = 3  # of what may be a mistyped command; a longer text is not a command
_MAX_OFF_WORDS = 7  # of a request to switch something off
_MAX_LENGTH = 200  # characters
_SIMILARITY = 0.83  # of "reprot" and "report"; that of "match" and "watch" is 0.8


def _words(text: str) -> frozenset[str]:
    return frozenset(map(folded, text.split()))


# Beside the name of a command, these ask to switch it off; alone, they are a text.
_NEGATIONS = _words(
    "no not never dont don without quit end ended cancel remove delete halt mute of kein keine nicht pas sans non sin "
    "ne nie bez geen niet ingen inte jangan tidak nao nu не нет без khong 안 싫어 不 不要 别 لا"
)
_FILLERS = _words(
    "a all any anymore bot channel channels do here i in it me message messages more my now our please pls sentiment "
    "t thanks that the this to turn switch us with you"
)
_ENDINGS = ("", "s", "es", "ing", "ed")


def nearest_commands(text: str, commands: Sequence[str], opposites: Mapping[str, str]) -> list[str]:
    """Return those of ``commands``, such as ``watch status``, that ``text`` may be meant for.

    Of a command with one wrong word after it, only the command is returned: ``report`` for ``report banana``. What
    follows a mistyped one is kept: ``tokens hi`` for ``token hi``. ``opposites`` names what undoes a command: that
    alone is returned for a command that is negated or switched off, and the first of them for ``off`` alone.
    """
    if len(text) > _MAX_LENGTH:
        return []
    if means_help(text):
        return ["help"]
    if undone := _undone(text, opposites):
        return [undone]
    found = _nearest(text, commands)
    # The word after a command may be a negation in any language.
    return [found, opposites[found]] if found and opposites.get(found) == f"un{found}" else [found] if found else []


def _undone(text: str, opposites: Mapping[str, str]) -> str | None:
    """Return what undoes the command that ``text`` asks to switch off; None if it does not ask for that."""
    joined = re.sub(r"\bopt (out|in)\b", r"opt\1", " ".join(map(folded, re.split(r"[\s:;,.!?]+", text))))
    words = joined.split()
    asks_off = {word for word in words if means_off(word)}
    if means_off(text) or (asks_off and _FILLERS.issuperset({*words} - asks_off)):
        return next(iter(opposites.values()), None)
    negations = asks_off | _NEGATIONS
    rest = [word for word in words if word not in negations | _FILLERS]
    if negations.isdisjoint(words) or not rest or len(words) > _MAX_OFF_WORDS:
        return None
    forms = {f"{command}{ending}": command for command in opposites for ending in _ENDINGS}
    near = [get_close_matches(word, forms, 1, _SIMILARITY) for word in rest]
    known = {"status", "settings", "on", "daily", "weekly"}
    if not near[0] or any(not match and word not in known for match, word in zip(near, rest, strict=True)):
        return None
    return opposites[forms[near[0][0]]]


def _nearest(text: str, commands: Sequence[str]) -> str | None:
    words, (start, *rest) = command_words(text).split(), text.split(maxsplit=1) or [""]
    if not words or len(text.split()) > _MAX_WORDS or command_words(start) != words[0]:
        return None
    if whole := _closest(" ".join(words), commands):
        return whole
    first_words = sorted({command.split()[0] for command in commands})
    if words[0] in first_words:
        return words[0] if len(words) == 2 else None
    near = _closest(words[0], first_words)
    return " ".join([near, *rest]) if near and near != "help" else None


def _closest(text: str, commands: Sequence[str]) -> str | None:
    """Return the command that is most like ``text``, or that has two neighbouring letters swapped in it."""
    swapped = {text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(len(text) - 1)}
    near = [command for command in commands if command in swapped and command != text]
    near += get_close_matches(text, commands, 1, _SIMILARITY)
    return near[0] if near else None
