"""Slack mark-up → the words a person wrote.

The format is described in Slack's "Formatting text for app surfaces". People become "@someone": how a message
reads must not depend on whom it names, and no look-up of names means no scope to read profiles.
"""

import re

import emoji

_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_MARKUP = re.compile(r"<([^<>]+)>")
_EMPHASIS = re.compile(r"(?<!\w)([*_~])(?=\S)([^\n]*?\S)\1(?!\w)")
_QUOTE = re.compile(r"^&gt;\s?", re.MULTILINE)
_EMOJI_CODE = re.compile(r"(?<![\w:]):([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?(?!\w)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the ampersand last: "&amp;lt;" is the text "&lt;"


def without_mention(text: str, bot_user_id: str | None) -> str:
    """Leave out each mention of the bot itself."""
    return re.sub(rf"<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>", " ", text) if bot_user_id else text


def words_of(text: str) -> str:
    """Turn a message's ``text`` as Slack stores it into what a person would read aloud.

    Code blocks are left out; people, channels and links are made readable; emoji become their names in words;
    emphasis, quote marks and Slack's escapes are undone. The result is plain text: it must be escaped, or sent
    as ``plain_text`` or ``rich_text``, before Slack sees it again.
    """
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))
    text = _CODE_BLOCK.sub(" ", text)
    text = _INLINE_CODE.sub(r"\1", text)
    text = _MARKUP.sub(lambda match: _readable(match[1]), text)
    text = _QUOTE.sub("", text)
    text = _EMOJI_CODE.sub(_named_emoji, text)
    text = emoji.replace_emoji(text, lambda _, data: f" {_in_words(data['en'])} ")
    text = _EMPHASIS.sub(r"\2", text)
    for escaped, character in _ESCAPES:
        text = text.replace(escaped, character)
    return "\n".join(filter(None, (_SPACES.sub(" ", line).strip() for line in text.split("\n"))))


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
    """Return the name of ``:tada:`` in words; names that Unicode has not are a workspace's own."""
    code = f":{match[1]}:"
    character = emoji.emojize(code, language="alias")
    if character != code:
        return f" {_in_words(emoji.demojize(character))} "
    # What holds no letter is no emoji but a time, such as 10:30:45, or a score.
    return f" {_in_words(code)} " if re.search("[a-z]", match[1]) else match[0]


def _in_words(name: str) -> str:
    return re.sub("[_-]+", " ", name.strip(":"))
