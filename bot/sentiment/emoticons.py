"""Emoticons such as ``:-(``."""

import re

# The emoji that emoticons stand for. Most have a nose or none, and a mouth that may be repeated.
_PATTERNS = {
    "💔": r"</+3|<\\+3",
    "🌹": r"@[>}][-;'’>]{3,}|[-;'’<]{3,}[<{]@",
    "😇": r"[0Oo][:;][-^]?\)+|[oO]:-3",
    "😈": r"[>}][:;=][-^o]?[)D]+",
    "😠": (
        r"[(（][^\s()（）]{1,9}[)）][╯ノﾉ][︵彡ミ]* ?┻━+┻|[>}][:;=]['’]?[-^o]?[(\[{</\\|]+|>[:;=][-^]?[oO]+|:[-^]?@"
        r"|[)\]]-?:<+|\)-:\{|D-?:<+"
    ),
    "😂": r"[:;=]['’,][-^o]?[)\]}D]+|\({1,9}(?:[-^o]?['’]|['’][-^o])[:;=]",
    "😢": (
        r"[:;=]['’,][-^o]?[(\[{</\\|]+|:~[-^]?\(+|;[-^o]?[(\[{]+"
        r"|\){1,9}(?:[-^o]?['’]|['’][-^o])[:;=]|D-?['’]:|\(?(?:;[-_]+;|T[_.^]+T|Q_+Q)\)?"
    ),
    "😘": r"[:;][-^]?\*+|\*[-^][:;]|\(-\*",
    "😃": r"[:=][-^o]?D+|[:=]-d",
    "😆": r"[xX]-D+",
    "😛": r"[:;=][-^o]?[pPbÞ]|>:-?[pP]",
    "😉": r";[-^o]?[)\]}D]+|\({1,9}[-^o]?;|\|;-\)|\[-;",
    "😕": r"[:;=][-^o]?[/\\S]+|:-s|[/\\][-^]:|:-\.(?!\.)",
    "😐": r"[:;=][-^o]?\|+|\|[-^]:|(?<!\.)\._\.(?!\.)",
    "😮": r":[-^]?[oO]+",
    "😖": r":[-^]?[$&]+(?!\d)|[xX]-\(+",
    "😵": r"%-\)|\(-%",
    "🤮": r":-?###\.\.|\.\.###-?:",
    "🙂": (
        r":[-^oc]?[)\]}>]+|(?<!\w):[-^o]?3(?!\d)|=[-^o]?[)\]]+"
        r"|\({1,9}[-^o]?[:=]|\[-[:=]|\(?\^[_.o-]?\^\)?"
    ),
    "🙁": r":[-^o]?[(\[{<c]+|=[-^o]?[(\[]+|\){1,9}[-^o]?:|\]-:|>-:",
    "😎": r"[8B]-\)",
    "😑": r"\(?-[_.]+-\)?",
    "😒": r">[_.]+>|<[_.]+<",
    "😣": r"\(?>[._]+<\)?",
    "🙌": r"\*?\\[o0]/\*?",
    "🤷": r"¯\\_\([ツシ]\)_/¯",
}
_EMOTICON = "|".join(f"({pattern})" for pattern in _PATTERNS.values())
_EMOJI = list(_PATTERNS)
_ANYWHERE = re.compile(rf"<3|{_EMOTICON}")  # "<3 ms" may be a number, so it stays as it is
# Between spaces, punctuation and marks of emphasis: elsewhere it may be code.
_SEPARATE = re.compile(rf"(?<![^\s.!?,…*_~])(?:{_EMOTICON})(?![^\s.!?,…*_~])")


_NON_BREAKING_HYPHEN = "\u2011"  # of emoticons that were copied from a page


def has_emoticon(text: str) -> bool:
    """Return whether there is an emoticon in ``text``."""
    return _ANYWHERE.search(text.replace(_NON_BREAKING_HYPHEN, "-")) is not None


def emoticons_to_emoji(text: str) -> str:
    """Replace each emoticon that stands by itself by an emoji, as Slack does while people write."""
    text = text.replace(_NON_BREAKING_HYPHEN, "-")
    return _SEPARATE.sub(lambda match: _EMOJI[(match.lastindex or 1) - 1], text)
