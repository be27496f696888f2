"""Conversion of Slack's mrkdwn to plain text.

The format: https://docs.slack.dev/messaging/formatting-message-text. A mention becomes "@someone": the result must not
depend on whom a message mentions, and looking up names would need another scope.
"""

import re

import emoji

from bot.sentiment.text import without_surrogates

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_REFERENCE = re.compile(r"<([^<>]+)>")
# Each mark excludes itself from what it encloses, which keeps the search linear in the length of the text.
_EMPHASIS = [
    re.compile(rf"(?<![^\W_])[{mark}]([^\s{mark}](?:[^\n{mark}]*[^\s{mark}])?)[{mark}](?![^\W_])") for mark in "*_~"
]
_QUOTE = re.compile(r"^&gt;\s?", re.MULTILINE)
_EMOJI_CODE = re.compile(r":([^\s:<>]{1,100}):(?::skin-tone-[2-6]:)?")
# The package emoji examines each character in Python, so it is given only those that can be part of an emoji.
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_KEYCAP = "\u20e3"  # the end of the only emoji with ASCII characters, such as 1️⃣
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the ampersand last: "&amp;lt;" is the text "&lt;"


def mentions(mrkdwn: str, user: str) -> bool:
    """Return whether ``user`` is mentioned; an empty ``user`` never is."""
    return bool(user) and re.search(_mention(user), mrkdwn) is not None


def without_mention(mrkdwn: str, user: str) -> str:
    """Remove each mention of ``user``; an empty ``user`` removes nothing."""
    return re.sub(_mention(user), " ", mrkdwn) if user else mrkdwn


def _mention(user: str) -> str:
    return rf"<@{re.escape(user)}(?:\|[^<>]*)?>"


def plain_text(mrkdwn: str) -> str:
    """Return the text of a message as a person would read it aloud.

    Code blocks are removed; references to people, channels and links become readable; names of emoji become emoji;
    emphasis, quote marks and entities are resolved. The result is plain text: escape it, or send it as
    ``plain_text`` or ``rich_text``, before it goes back to Slack.
    """
    text = _CONTROL.sub(" ", without_surrogates(mrkdwn))
    text = _CODE_BLOCK.sub(" ", text)
    text = _INLINE_CODE.sub(r"\1", text)
    text = _REFERENCE.sub(lambda match: _reference_text(match[1]), text)
    text = _QUOTE.sub("", text)
    text = _EMOJI_CODE.sub(_emoji_text, text)
    # With spaces around it: a tokenizer that does not know the emoji would lose the word next to it.
    text = _separate_emoji(text) if _KEYCAP in text else _NON_ASCII.sub(lambda run: _separate_emoji(run[0]), text)
    for emphasis in _EMPHASIS:
        text = emphasis.sub(r"\1", text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return "\n".join(filter(None, (_SPACES.sub(" ", line).strip() for line in text.split("\n"))))


def _separate_emoji(text: str) -> str:
    return emoji.replace_emoji(text, lambda character, _: f" {character} ")


def plain_text_without_references(mrkdwn: str) -> str:
    """Return what :func:`plain_text` does, without people, channels and links."""
    return plain_text(_REFERENCE.sub(" ", mrkdwn))


def _reference_text(reference: str) -> str:
    """Return what is between ``<`` and ``>`` as Slack shows it."""
    target, _, label = reference.partition("|")
    if target.startswith("@"):
        return f"@{label.removeprefix('@')}" if label else "@someone"
    if target.startswith("#"):
        return f"#{label.removeprefix('#')}" if label else "#channel"
    if target.startswith("!"):
        # <!here>, <!subteam^S123|@designers>, <!date^1392734382^{date}|a date>
        return label or "@" + target[1:].partition("^")[0]
    return label or re.sub(r"^\w+:(?://)?([^/?#]*).*", r"\1", target, flags=re.DOTALL)


def _emoji_text(match: re.Match[str]) -> str:
    """Return 🎉 for ``:tada:``.

    A name that Unicode does not have is a custom emoji if it is separated from other text, and becomes words;
    elsewhere, as in ``10:30:45`` or ``std::vector::end``, it is not an emoji.
    """
    code = f":{match[1]}:"
    character = emoji.emojize(code, language="alias")
    if character != code:
        return character
    neighbours = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
    separated = not re.search(r"[\w:]", neighbours)
    return f" {re.sub('[_-]+', ' ', match[1])} " if separated and re.search(r"[^\W\d]", match[1]) else match[0]
