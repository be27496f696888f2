"""What a person asks for: the words to judge, with the breakdown or without, or help."""

import re
from dataclasses import dataclass
from typing import Self

from bot.slack.parsing.mrkdwn import plain_text, without_mention


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """One request, the same at every door.

    Attributes:
        words: the text to judge, as a person would read it; empty where only code or nothing was written.
        tokens: whether the breakdown is wanted.
        help: whether help is wanted instead.
        bare: whether no text was written at all.
    """

    words: str
    tokens: bool = False
    help: bool = False
    bare: bool = False

    @classmethod
    def read(cls, text: str, bot_user_id: str | None = None) -> Self:
        """Read ``help``, ``tokens TEXT`` or ``TEXT``, as Slack stores it. An option alone, ``--all``, gets help."""
        said = without_mention(text, bot_user_id).strip()
        first, *rest = said.split(maxsplit=1) or [""]
        tokens = first.lower() == "tokens"
        if tokens:
            said = "".join(rest)
        wants_help = re.fullmatch(r"help|\?|--\w[\w-]*", said.lower()) is not None
        return cls(plain_text(said), tokens, wants_help, bare=not said)
