"""Parsing of requests for an analysis."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.parsing.request import AnalysisRequest, command_words

MARKUP = st.text(alphabet="ab <>@#!|:*_~`&;\n", max_size=80)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love this", AnalysisRequest("I love this")),
        ("tokens I love this", AnalysisRequest("I love this", breakdown=True)),
        ("Tokens\nI love this", AnalysisRequest("I love this", breakdown=True)),
        ("tokens", AnalysisRequest("", breakdown=True, empty=True)),
        ("tokenside", AnalysisRequest("tokenside")),
        ("", AnalysisRequest("", empty=True)),
        ("help", AnalysisRequest("help", help=True)),
        ("help me please", AnalysisRequest("help me please")),
        ("--all", AnalysisRequest("--all", help=True)),
        ("--sigh-- what a day", AnalysisRequest("--sigh-- what a day")),
        ("```code```", AnalysisRequest("")),
        ("<@UBOT> tokens nice", AnalysisRequest("nice", breakdown=True)),
        ("<@UBOT>, tokens nice", AnalysisRequest("nice", breakdown=True)),
        ("<@UBOT> tokens: nice", AnalysisRequest("nice", breakdown=True)),
        ("<@UBOT> tokens:nice", AnalysisRequest("nice", breakdown=True)),
        ("tokens-based", AnalysisRequest("tokens-based")),
        ("<@UBOT>: help", AnalysisRequest("help", help=True)),
        ("<@UBOT>:", AnalysisRequest("", empty=True)),
        ("<@UBOT> <@UANA>", AnalysisRequest("", empty=True)),
        ("<@UANA> <@UBOT>", AnalysisRequest("", empty=True)),
        ("<@UBOT> tokens <@UANA>", AnalysisRequest("", breakdown=True, empty=True)),
        ("<@UBOT> <@UANA> is nice", AnalysisRequest("@someone is nice")),
        ("help!", AnalysisRequest("help!", help=True)),
        ("*Help*.", AnalysisRequest("Help.", help=True)),
        ("\u200bhelp", AnalysisRequest("help", help=True)),
        ("<@UBOT> \u200b\ufeff", AnalysisRequest("")),
        ("tokens \u200b", AnalysisRequest("", breakdown=True)),
        ("<@UBOT> ...", AnalysisRequest("...")),
        ("??", AnalysisRequest("??", help=True)),
        (":tada:", AnalysisRequest("\U0001f389")),
    ],
)
def test_parse(text: str, expected: AnalysisRequest) -> None:
    """`help`, `tokens TEXT` and `TEXT` are recognized; a text of code only is not the same as none."""
    assert AnalysisRequest.parse(text, "UBOT") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Opt-Out!", "opt out"),
        ("optout :pray::+1:", "optout"),
        ("  watch   STATUS ", "watch status"),
        ("\u200bopt\u200bout\ufeff", "optout"),
        ("_`optout`_.", "optout"),
        ("\uff4f\uff50\uff54\uff4f\uff55\uff54", "optout"),
        ("opt\u2011out", "opt out"),
        ("!?", ""),
    ],
)
def test_command_words(text: str, words: str) -> None:
    """Case, punctuation, invisible and full-width characters make no difference."""
    assert command_words(text) == words


@given(text=MARKUP | st.text(st.characters(), max_size=60), bot_user_id=st.text(max_size=12))
def test_any_text(text: str, bot_user_id: str) -> None:
    """Any text is a request, and ``empty`` only without a text."""
    request = AnalysisRequest.parse(text, bot_user_id)
    assert not (request.empty and request.text)
    assert not (request.empty and request.help)


@pytest.mark.parametrize("piece", ["tokens ", "<@U0BOT|", "<@U0BOT> ", "--", "--a", "? ", "\n", "\u00a0", "<@U0BOT|x"])
def test_linear_time(piece: str) -> None:
    """The time for parsing is linear in the length of the text."""

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        times = []
        for _ in range(3):
            started = time.process_time()
            AnalysisRequest.parse(text, "U0BOT")
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(80_000) < 40 * seconds(8_000) + 0.01
