"""Conversion of Slack's mrkdwn to plain text.

The format: https://docs.slack.dev/messaging/formatting-message-text. A mention becomes "@someone": the result must not
depend on whom a message mentions, and looking up names would need another scope.
"""

import re

import emoji

from bot.sentiment.emoticons import emoticons_to_emoji
from bot.sentiment.text import without_surrogates
from bot.slack.parsing.addresses import addresses_to_hosts, link_text, without_addresses
from bot.slack.parsing.emoji_names import find_emoji
from bot.slack.parsing.styled_letters import without_styles

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_REFERENCE = re.compile(r"<([^<>]+)>")
# Each mark excludes itself from what it encloses, which keeps the search linear in the length of the text.
_EMPHASIS = [
    re.compile(rf"(?<![^\W_])[{mark}]([^\s{mark}](?:[^\n{mark}]*[^\s{mark}])?)[{mark}](?![^\W_])") for mark in "*_~"
]
# But not the emoticons >.<, >_>, >:( and the like.
_QUOTE = re.compile(r"^&gt;(?![._]&[gl]t;|[:;=]['’]?[-^]?[()\[/\\|DoOpP]+(?!\w))\s?", re.MULTILINE)
_EMOJI_CODE = re.compile(r":([^\s:<>]{1,100}):(?::skin-tone-([2-6])(?:-[2-6])?:)?")
# The package emoji examines each character in Python, so it is given only those that can be part of an emoji.
# ASCII and the letters of most scripts cannot.
_OF_EMOJI = re.compile(r"[^\x00-\xa8\xb0-\u1fff\u3040-\u3296\u329a-\ud7ff\uf900-\ufaff\uff00-\uffef]+")
_KEYCAP = "\u20e3"  # the end of the only emoji with ASCII characters, such as 1️⃣
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the ampersand last: "&amp;lt;" is the text "&lt;"


def plain_text(mrkdwn: str) -> str:
    """Return the text of a message as a person would read it aloud.

    Code blocks are removed; references to people, channels and links become readable; names of emoji become emoji;
    emphasis, quote marks and entities are resolved. The result is plain text: escape it, or send it as
    ``plain_text`` or ``rich_text``, before it goes back to Slack.
    """
    text = _CONTROL.sub(" ", without_styles(without_surrogates(mrkdwn)))
    text = _CODE_BLOCK.sub(" ", text)
    text = _INLINE_CODE.sub(r"\1", text)
    text = _REFERENCE.sub(lambda match: _reference_text(match[1]), text)
    text = _QUOTE.sub("", addresses_to_hosts(text))
    text = _EMOJI_CODE.sub(_emoji_text, text)
    text = separate_emoji(text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    text = emoticons_to_emoji(text)  # before the emphasis, since some have its marks
    for emphasis in _EMPHASIS:
        text = emphasis.sub(r"\1", text)
    return "\n".join(filter(None, (_SPACES.sub(" ", line).strip() for line in text.split("\n"))))


def separate_emoji(text: str) -> str:
    """Put spaces around each emoji: a tokenizer that does not know it would lose the word next to it."""

    def separate(part: str) -> str:
        return emoji.replace_emoji(part, lambda character, _: f" {character} ")

    return separate(text) if _KEYCAP in text else _OF_EMOJI.sub(lambda run: separate(run[0]), text)


def plain_text_without_references(mrkdwn: str) -> str:
    """Return what :func:`plain_text` does, without people, channels and addresses."""
    return plain_text(without_addresses(_REFERENCE.sub(" ", mrkdwn)))


def _reference_text(reference: str) -> str:
    """Return what is between ``<`` and ``>`` as Slack shows it."""
    target, _, label = reference.partition("|")
    if target.startswith("@"):
        return f"@{label.removeprefix('@')}" if label else "@someone"
    if target.startswith("#"):
        return f"#{label.removeprefix('#')}" if label else "#channel"
    if target.startswith("!"):
        # <!here>, <!here|here>, <!subteam^S123|@designers>, <!date^1392734382^{date}|a date>
        kind = target[1:].partition("^")[0]
        if label:
            return label if kind == "date" else f"@{label.removeprefix('@')}"
        return "@group" if kind == "subteam" else f"@{kind}"
    return link_text(target, label)


def _emoji_text(match: re.Match[str]) -> str:
    """Return 🎉 for ``:tada:``.

    A name that Unicode does not have is a custom emoji if it is separated from other text, and becomes words;
    elsewhere, as in ``10:30:45`` or ``std::vector::end``, it is not an emoji.
    """
    name, skin_tone = match.groups()
    if character := find_emoji(name, int(skin_tone or 0)):
        return character
    neighbours = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
    separated = not re.search(r"[\w:]", neighbours)
    return f" {re.sub('[_-]+', ' ', name)} " if separated and re.search(r"[^\W\d]", name) else match[0]
