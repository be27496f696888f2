"""What a person asks for: a text to analyse, its breakdown, or help."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from bot.slack.parsing.mentions import only_mentions, without_mention
from bot.slack.parsing.mrkdwn import plain_text

COMMAND = "/sentiment"

_INVISIBLE = "\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"  # such as a zero-width space


def without_leading_blank(text: str) -> str:
    """Remove whitespace and invisible characters before a text; a text of nothing else stays as it is."""
    return re.sub(rf"\A[\s{_INVISIBLE}]+", "", text) or text


def command_words(text: str) -> str:
    """Return the words of what may be a subcommand, in lower case: "opt out" for "Opt-out! :pray:"."""
    visible = re.sub(rf"[{_INVISIBLE}]|:[\w+-]+:", "", unicodedata.normalize("NFKC", text))
    return " ".join(re.findall(r"[^\W_]+", visible.lower()))


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """A request for an analysis, in whichever way it was made.

    ``text`` has no markup, and is empty if there was only code; ``empty`` is whether nothing was written at all, or
    only mentions.
    """

    text: str
    breakdown: bool = False
    help: bool = False
    empty: bool = False

    @classmethod
    def parse(cls, mrkdwn: str, bot_user_id: str = "") -> Self:
        """Parse ``help``, ``tokens TEXT`` or ``TEXT``. An option such as ``--all`` alone asks for help."""
        rest = without_leading_blank(without_mention(mrkdwn, bot_user_id).strip())
        tokens = re.match(r"tokens(?!:[\w+-]+:)(?:[:,]+\s*|\s+|\Z)", rest, re.IGNORECASE)
        breakdown = tokens is not None
        rest = rest[tokens.end() :] if tokens else rest
        if not rest or only_mentions(rest):
            return cls("", breakdown, empty=True)
        wants_help = command_words(rest) == "help" or re.fullmatch(r"\?+|--\w[\w-]*", rest) is not None
        return cls(plain_text(rest), breakdown, wants_help)
