"""What a person asks for: a text to analyze, its breakdown, or help."""

import re
from dataclasses import dataclass
from typing import Self

from bot.slack.parsing.mrkdwn import plain_text, without_mention

COMMAND = "/sentiment"


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """A request for an analysis, in whichever way it was made.

    ``text`` has no markup, and is empty if there was only code; ``empty`` is whether nothing was written at all.
    """

    text: str
    breakdown: bool = False
    help: bool = False
    empty: bool = False

    @classmethod
    def parse(cls, mrkdwn: str, bot_user_id: str = "") -> Self:
        """Parse ``help``, ``tokens TEXT`` or ``TEXT``. An option such as ``--all`` alone asks for help."""
        rest = without_mention(mrkdwn, bot_user_id).strip()
        first, *others = rest.split(maxsplit=1) or [""]
        breakdown = first.lower() == "tokens"
        if breakdown:
            rest = "".join(others)
        wants_help = re.fullmatch(r"help|\?|--\w[\w-]*", rest.lower()) is not None
        return cls(plain_text(rest), breakdown, wants_help, empty=not rest)
