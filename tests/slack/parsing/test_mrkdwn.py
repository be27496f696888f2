"""Conversion of mrkdwn to plain text."""

import time

import emoji
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.parsing.mrkdwn import plain_text, plain_text_without_references, separate_emoji

ADDRESSES = ["a.", "a@", "a@b.", "a.b/", "a://", "//", "/(", "https://a.b/(", "a@b.cc:", "((:", "(", ")", ";-", "-."]
"""Parts of addresses and emoticons."""


@pytest.mark.parametrize(
    ("mrkdwn", "text"),
    [
        ("I love this", "I love this"),
        ("thanks <@U012ABC>, great", "thanks @someone, great"),
        ("thanks <@U012ABC|ana>, great", "thanks @ana, great"),
        ("see <#C012|random> or <#C012>", "see #random or #channel"),
        ("<!here> <!channel> <!subteam^S012|@designers> <!subteam^S012>", "@here @channel @designers @group"),
        ("<!here|here> <!channel|@channel>", "@here @channel"),
        ("at <!date^1392734382^{date}|noon>", "at noon"),
        ("read <https://example.com/a?b=c|the docs>", "read the docs"),
        ("read <https://example.com/so-bad>", "read example.com"),
        ("write <mailto:ana@example.com|ana@example.com>", "write an address"),
        ("write <mailto:ana@example.com|Ana>", "write Ana"),
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
        (":+1::skin-tone-3: 👍🏽", "👍🏼 👍🏽"),
        (":tada::skin-tone-3: :people_holding_hands::skin-tone-2-4:", "🎉 🧑‍🤝‍🧑"),
        ("merging it then :man-shrugging:", "merging it then 🤷‍♂️"),
        (":shipit: :party_parrot:", "shipit party parrot"),
        (":tada::tada: :joy::sob:", "🎉 🎉 😂 😭"),
        ("great:tada: love it:heart:!", "great 🎉 love it ❤️ !"),
        (":頑張: (:shipit:)", "頑張 ( shipit )"),
        ("*_very ~much~_* so", "very much so"),
        ("at 10:30:45, 3:2:1", "at 10:30:45, 3:2:1"),
        ("std::vector::iterator", "std::vector::iterator"),
        ("-_- _that_ :'-( is *not good :/* -_-", "😑 that 😢 is not good 😕 😑"),
        ("&gt;.&lt; and &lt;/3", "😣 and 💔"),
        ("&gt;_&gt;\n&gt;:o", "😒\n😠"),
        ("&gt;:tada: great", "🎉 great"),
        ("Option B: x[:] http:// &lt;3 ms", "Option B: x[:] http:// <3 ms"),
        ("𝗜 𝗵𝗮𝘁𝗲 :a: 🅰️", "I hate 🅰️ 🅰️"),
        ("two   spaces\n\n\nlines ", "two spaces\nlines"),
        ("a\x00b\ud800c", "a b\ufffdc"),
        ("", ""),
    ],
)
def test_plain_text(mrkdwn: str, text: str) -> None:
    """Each kind of markup is converted to what Slack shows."""
    assert plain_text(mrkdwn) == text


@given(st.text(alphabet=st.characters(), max_size=80))
def test_any_text(text: str) -> None:
    """The result has no surrogates, and no control characters but line feeds."""
    converted = plain_text(text)
    converted.encode("utf-8")
    assert not any(character < " " and character != "\n" for character in converted)


@given(st.text(alphabet="ab <>@#!|:*_~`&;\n", max_size=60))
def test_any_markup(text: str) -> None:
    """Markup that is nested or incomplete is converted, to about the same length at most."""
    assert len(plain_text(text)) <= len(text) + 40 * text.count("<") + text.count(":")


PARTS_OF_EMOJI = [
    "\u200d",
    "\ufe0f",
    "\ufe0e",
    "\u20e3",
    "🏽",
    "🇰",
    "🇷",
    "1",
    "#",
    "♂",
    "👩",
    "🏴",
    "\U000e0067",
    "\U000e007f",
]


@given(st.lists(st.sampled_from(sorted(emoji.EMOJI_DATA)) | st.sampled_from(PARTS_OF_EMOJI) | st.text(max_size=3)))
@example(["1", "\ufe0f", "\u20e3"])
def test_separate_emoji(parts: list[str]) -> None:
    """Every emoji gets spaces around it, and nothing else changes."""
    text = "".join(parts)
    assert separate_emoji(text) == emoji.replace_emoji(text, lambda character, _: f" {character} ")


@pytest.mark.parametrize(
    "piece", ["*a ", "_a ", "~a", "x *", ":a", ":+", "<a", "<@", "`a", "```", "&gt;\n", "::", *ADDRESSES]
)
def test_linear_time(piece: str) -> None:
    """The time for incomplete markup is linear in its length."""

    def seconds(text: str) -> float:
        started = time.process_time()
        plain_text(text)
        return time.process_time() - started

    plain = min(seconds("good day " * 4444) for _ in range(3))
    assert min(seconds(piece * (40_000 // len(piece))) for _ in range(3)) < 60 * plain


def test_without_references() -> None:
    """No word of an address, a person or a channel is left."""
    text = "fix <@U1|ana> <https://a.example/awful|this> https://b.example/awful ana@c.example d.example/awful now"
    assert plain_text_without_references(text) == "fix now"
