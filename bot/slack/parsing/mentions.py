"""Mentions of the bot in mrkdwn."""

import re

_MENTION = r"<(?:@|!subteam\b|!here\b|!channel\b|!everyone\b)[^<>]*>"  # of anybody
_MARK = r"[:,;.!?…–—\-、。：，；！？،؛؟]"
# Not the beginning of an emoji or an emoticon, as in "@bot :tada:" or "@bot :("; nor of an option, as in "@bot --all".
_PUNCTUATION = rf"(?!:[^\s:]+:)(?:{_MARK}+(?=[\s<*_~]|\Z)|[:,、。：，،](?=[^\W\d_]{{2}})|\s+[:,;–—\-]+(?=\s|\Z))"
# The possessive quantifiers keep the search linear in the length of the text.
_ADDRESS = re.compile(rf"(?:\s*+[*_~]*+{_MENTION}[*_~]*+(?:{_PUNCTUATION})?+[*_~]*+)++\s*+")


def mentions(mrkdwn: str, user: str) -> bool:
    """Return whether ``user`` is mentioned; an empty ``user`` never is."""
    return bool(user) and re.search(_mention_of(user), mrkdwn) is not None


def without_mention(mrkdwn: str, user: str) -> str:
    """Remove each mention of ``user``, with the punctuation after a leading one; an empty ``user`` removes nothing."""
    if not user:
        return mrkdwn
    address = _ADDRESS.match(mrkdwn)
    if address and mentions(address[0], user):
        mrkdwn = " ".join([*re.findall(_MENTION, address[0]), mrkdwn[address.end() :]])
    return re.sub(_mention_of(user), " ", mrkdwn)


def only_mentions(mrkdwn: str) -> bool:
    """Return whether there is nothing but mentions."""
    return _ADDRESS.fullmatch(mrkdwn) is not None


def _mention_of(user: str) -> str:
    return rf"<@{re.escape(user)}(?:\|[^<>]*)?>"
