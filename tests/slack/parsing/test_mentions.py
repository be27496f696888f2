"""Mentions of the bot: recognized in every form, and removed from what is analysed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.parsing.mentions import mentions, only_mentions, without_mention


@pytest.mark.parametrize(
    ("mrkdwn", "user", "mentioned"),
    [
        ("hi <@U1>", "U1", True),
        ("<@U1|sentiment> hi", "U1", True),
        ("<@U12> hi", "U1", False),
        ("<@U1> hi", "", False),
        ("&lt;@U1&gt; hi", "U1", False),
    ],
)
def test_mentions(mrkdwn: str, user: str, mentioned: bool) -> None:
    """A mention may have a label, and a longer id is somebody else's."""
    assert mentions(mrkdwn, user) == mentioned


@pytest.mark.parametrize(
    ("mrkdwn", "rest"),
    [
        ("<@UBOT> hi <@UBOT|bot> <@UANA>", "hi <@UANA>"),
        ("<@UBOT>: I hate this", "I hate this"),
        ("<@UBOT|sentiment>, I hate this", "I hate this"),
        ("<@UBOT>:help", "help"),
        ("<@UBOT>,tokens thanks", "tokens thanks"),
        ("<@UBOT> - help", "help"),
        ("<@UBOT> \u2013 help", "help"),
        ("*<@UBOT>*: help", "help"),
        ("_<@UBOT>:_ help", "help"),
        ("<@UBOT>... why", "why"),
        ("<@UBOT>!!", ""),
        ("<@UBOT>?", ""),
        ("<@UBOT>、最高です", "最高です"),
        ("\n<@UBOT>:\nhelp", "help"),
        ("<@UBOT>, <@UBOT>: help", "help"),
        ("<@UANA>, <@UBOT>: nice", "<@UANA> nice"),
        ("well, <@UBOT>: nice", "well, : nice"),
        ("<@UBOT> :tada:", ":tada:"),
        ("<@UBOT>:tada:", ":tada:"),
        ("<@UBOT>:100: yes", ":100: yes"),
        ("<@UBOT> :(", ":("),
        ("<@UBOT>:D", ":D"),
        ("<@UBOT>;)", ";)"),
        ("<@UBOT> :-)", ":-)"),
        ("<@UBOT> --all", "--all"),
        ("<@UBOT> ?", "?"),
        ("<@UANA>: hi", "<@UANA>: hi"),
    ],
)
def test_without_mention(mrkdwn: str, rest: str) -> None:
    """The bot's mention is removed, with the punctuation after a leading one; emoji, emoticons and others are kept."""
    assert without_mention(mrkdwn, "UBOT").split() == rest.split()


def test_without_a_user() -> None:
    """Without the id of the bot nothing is removed."""
    assert without_mention("<@UBOT>: hi", "") == "<@UBOT>: hi"


@pytest.mark.parametrize(
    ("mrkdwn", "expected"),
    [
        ("<@UANA>", True),
        (" <@UANA>, <@UBEN|ben>! ", True),
        ("<!here> <!subteam^S1|@designers>", True),
        ("<@UANA> hi", False),
        ("<https://example.com>", False),
        ("<!date^1|noon>", False),
        (":tada:", False),
        ("", False),
    ],
)
def test_only_mentions(mrkdwn: str, expected: bool) -> None:
    """People, groups and everybody may be mentioned; links, dates and emoji are no mentions."""
    assert only_mentions(mrkdwn) == expected


@given(text=st.text(alphabet="ab <>@#!|:,.-*_~\n", max_size=60))
def test_other_text_is_kept(text: str) -> None:
    """After the mention and a space, no letter and no mention of another person is lost."""
    rest = without_mention(f"<@UBOT> {text}", "UBOT")
    assert [c for c in rest if c.isalpha()] == [c for c in text if c.isalpha()]
    assert not mentions(without_mention(f"{text} <@UBOT>", "UBOT"), "UBOT")


@pytest.mark.parametrize("piece", ["<@U0BOT> ", "<@U0BOT>:", "<@U0BOT", "*", " ", "- ", ":a", "<@U0BOT>***", "<@", "."])
def test_linear_time(piece: str) -> None:
    """The time is linear in the length of the text."""

    def seconds(length: int) -> float:
        text = "<@U0BOT>" + piece * (length // len(piece)) + "x"
        times = []
        for _ in range(3):
            started = time.process_time()
            without_mention(text, "U0BOT")
            only_mentions(text)
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(80_000) < 40 * seconds(8_000) + 0.01
