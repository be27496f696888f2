"""What Slack stores becomes what a person wrote."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.parsing.mrkdwn import plain_text, without_mention
from bot.slack.parsing.request import AnalysisRequest


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("I love this", "I love this"),
        ("thanks <@U012ABC>, great", "thanks @someone, great"),
        ("thanks <@U012ABC|ana>, great", "thanks @ana, great"),
        ("see <#C012|random> or <#C012>", "see #random or #channel"),
        ("<!here> <!channel> <!subteam^S012|@designers> <!subteam^S012>", "@here @channel @designers @subteam"),
        ("at <!date^1392734382^{date}|noon>", "at noon"),
        ("read <https://example.com/a?b=c|the docs>", "read the docs"),
        ("read <https://example.com/so-bad>", "read example.com"),
        ("write <mailto:ana@example.com|ana@example.com>", "write ana@example.com"),
        ("call <tel:+4930123>", "call +4930123"),
        ("*so* _very_ ~bad~ `good`", "so very bad good"),
        ("snake_case_name and 2*3*4 stay", "snake_case_name and 2*3*4 stay"),
        ("before ```x = <@U1>\nbad()``` after", "before after"),
        ("open ```never closed", "open"),
        ("&gt; quoted\nanswer", "quoted\nanswer"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@U1&gt; &lt;!channel&gt;", "<@U1> <!channel>"),
        (":tada: done 🎉", "🎉 done 🎉"),
        (":+1::skin-tone-3: 👍🏽", "👍 👍🏽"),
        (":shipit: :party_parrot:", "shipit party parrot"),
        (":tada::tada: :joy::sob:", "🎉 🎉 😂 😭"),
        ("great:tada: love it:heart:!", "great 🎉 love it ❤️ !"),
        (":頑張: (:shipit:)", "頑張 ( shipit )"),
        ("*_very ~much~_* so", "very much so"),
        ("at 10:30:45, 3:2:1", "at 10:30:45, 3:2:1"),
        ("std::vector::iterator", "std::vector::iterator"),
        ("two   spaces\n\n\nlines ", "two spaces\nlines"),
        ("a\x00b\ud800c", "a b\ufffdc"),
        ("", ""),
    ],
)
def test_words(stored: str, words: str) -> None:
    """Each kind of mark-up is read the way Slack shows it."""
    assert plain_text(stored) == words


@given(st.text(alphabet=st.characters(), max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is stored, what comes out has no surrogates and no control characters but line feeds."""
    words = plain_text(text)
    words.encode("utf-8")
    assert not any(character < " " and character != "\n" for character in words)


@given(st.text(alphabet="ab <>@#!|:*_~`&;\n", max_size=60))
def test_mark_up_of_any_shape_can_be_read(text: str) -> None:
    """However mark-up is nested or broken off, reading ends and adds nothing."""
    assert len(plain_text(text)) <= len(text) + 40 * text.count("<")


@pytest.mark.parametrize("piece", ["*a ", "_a ", "~a", "x *", ":a", ":+", "<a", "<@", "`a", "```", "&gt;\n", "::"])
def test_reading_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    """Forty thousand characters of broken mark-up are read about as fast as plain ones, not in their square."""

    def seconds(text: str) -> float:
        started = time.process_time()
        plain_text(text)
        return time.process_time() - started

    plain = min(seconds("good day " * 4444) for _ in range(3))
    assert min(seconds(piece * (40_000 // len(piece))) for _ in range(3)) < 60 * plain


def test_own_mention_is_left_out() -> None:
    """Only the bot's own mention goes, with a label or without."""
    assert without_mention("<@UBOT> hi <@UBOT|bot> <@UANA>", "UBOT").split() == ["hi", "<@UANA>"]
    assert without_mention("<@UBOT> hi", "") == "<@UBOT> hi"


@pytest.mark.parametrize(
    ("text", "ask"),
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
    ],
)
def test_asks(text: str, ask: AnalysisRequest) -> None:
    """`help`, `tokens TEXT` and `TEXT` are told apart, and code alone from nothing at all."""
    assert AnalysisRequest.parse(text, "UBOT") == ask
