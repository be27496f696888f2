"""Slack mark-up → the words a person wrote.

The format is described in Slack's "Formatting text for app surfaces". People become "@someone": how a message
reads must not depend on whom it names, and no look-up of names means no scope to read profiles.
"""

import re

import emoji

from bot.sentiment.text import without_surrogates

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_MARKUP = re.compile(r"<([^<>]+)>")
# Each mark excludes itself from what it encloses, which keeps the search linear in the length of the text.
_EMPHASIS = [
    re.compile(rf"(?<![^\W_])[{mark}]([^\s{mark}](?:[^\n{mark}]*[^\s{mark}])?)[{mark}](?![^\W_])") for mark in "*_~"
]
_QUOTE = re.compile(r"^&gt;\s?", re.MULTILINE)
_EMOJI_CODE = re.compile(r":([^\s:<>]{1,100}):(?::skin-tone-[2-6]:)?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the ampersand last: "&amp;lt;" is the text "&lt;"


def without_mention(text: str, bot_user_id: str | None) -> str:
    """Leave out each mention of the bot itself."""
    return re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>", " ", text) if bot_user_id else text


def plain_text(text: str) -> str:
    """Turn a message's ``text`` as Slack stores it into what a person would read aloud.

    Code blocks are left out; people, channels and links are made readable; names of emoji become the emoji;
    emphasis, quote marks and Slack's escapes are undone. The result is plain text: it must be escaped, or sent
    as ``plain_text`` or ``rich_text``, before Slack sees it again.
    """
    text = _CONTROL.sub(" ", without_surrogates(text))
    text = _CODE_BLOCK.sub(" ", text)
    text = _INLINE_CODE.sub(r"\1", text)
    text = _MARKUP.sub(lambda match: _readable(match[1]), text)
    text = _QUOTE.sub("", text)
    text = _EMOJI_CODE.sub(_named_emoji, text)
    # Apart from the words: a tokenizer that does not know the emoji would lose the word that it touches.
    text = emoji.replace_emoji(text, lambda character, _: f" {character} ")
    for emphasis in _EMPHASIS:
        text = emphasis.sub(r"\1", text)
    for escaped, character in _ESCAPES:
        text = text.replace(escaped, character)
    return "\n".join(filter(None, (_SPACES.sub(" ", line).strip() for line in text.split("\n"))))


def plain_text_without_references(text: str) -> str:
    """Turn a message's ``text`` into words as :func:`words_of` does, without people, channels and links."""
    return plain_text(_MARKUP.sub(" ", text))


def _readable(markup: str) -> str:
    """Return what stands between ``<`` and ``>`` the way Slack shows it."""
    target, _, label = markup.partition("|")
    if target.startswith("@"):
        return f"@{label.removeprefix('@')}" if label else "@someone"
    if target.startswith("#"):
        return f"#{label.removeprefix('#')}" if label else "#channel"
    if target.startswith("!"):
        # <!here>, <!subteam^S123|@designers>, <!date^1392734382^{date}|a date>
        return label or "@" + target[1:].partition("^")[0]
    return label or re.sub(r"^\w+:(?://)?([^/?#]*).*", r"\1", target, flags=re.DOTALL)


def _named_emoji(match: re.Match[str]) -> str:
    """Return 🎉 for ``:tada:``.

    Names that Unicode has not are a workspace's own where they stand apart, and are put in words; elsewhere, as in
    ``10:30:45`` or ``std::vector::end``, they are no emoji.
    """
    code = f":{match[1]}:"
    character = emoji.emojize(code, language="alias")
    if character != code:
        return character
    around = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
    apart = not re.search(r"[\w:]", around)
    return f" {re.sub('[_-]+', ' ', match[1])} " if apart and re.search(r"[^\W\d]", match[1]) else match[0]
