"""Commands that a person may have meant."""

from collections.abc import Sequence
from difflib import get_close_matches

from bot.slack.parsing.request import command_words

_MAX_WORDS = 3  # of what may be a mistyped command; a longer text is not a command
_MAX_LENGTH = 200  # characters
_SIMILARITY = 0.83  # of "reprot" and "report"; that of "match" and "watch" is 0.8


def nearest_command(text: str, commands: Sequence[str]) -> str | None:
    """Return the one of ``commands``, such as ``watch status``, that ``text`` may be meant for, or None.

    Of a command with one wrong word after it, only the command is returned: ``report`` for ``report banana``. What
    follows a mistyped one is kept: ``tokens hi`` for ``token hi``.
    """
    words, (start, *rest) = command_words(text).split(), text.split(maxsplit=1) or [""]
    if not words or len(text.split()) > _MAX_WORDS or len(text) > _MAX_LENGTH or command_words(start) != words[0]:
        return None
    if whole := get_close_matches(" ".join(words), commands, 1, _SIMILARITY):
        return whole[0]
    first_words = {command.split()[0] for command in commands}
    if words[0] in first_words:
        return words[0] if len(words) == 2 else None
    near = get_close_matches(words[0], sorted(first_words), 1, _SIMILARITY)
    return " ".join([*near, *rest]) if near else None
