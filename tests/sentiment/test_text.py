"""Checks and clean-up of texts."""

import pytest

from bot.sentiment.text import continues_word, first_line, has_no_content, split_at_punctuation


@pytest.mark.parametrize(
    "text",
    ["hi", "4th", "好", "🎉", "👍🏽", ":+1:", ":100:", ":(", ":'-(", "<3", "-_-", "10/10:)", "e", "Ω", "été", "a\x00"],
)
def test_content(text: str) -> None:
    """A word of any script, an emoji or an emoticon is content."""
    assert not has_no_content(text)


@pytest.mark.parametrize(
    "text", ["", "  ", "\n\t", "...", "42", "10:30", "?!", "—", "\u200b\u200d", "\x00", "\ud800", "*_~", "```"]
)
def test_no_content(text: str) -> None:
    """Whitespace, numbers, punctuation, invisible characters and markup are not content."""
    assert has_no_content(text)


@pytest.mark.parametrize(
    ("message", "line"), [("no space left.", "no space left"), ("\n  first:\nsecond", "first"), ("", "OSError")]
)
def test_first_line(message: str, line: str) -> None:
    """An error is reduced to the first line of its message, or to its type."""
    assert first_line(OSError(message)) == line


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("I've, no!!", ["I", "'", "ve", ",", "no", "!", "!"]),
        ("싫어요! ㅋㅋ", ["싫어요", "!", "ㅋㅋ"]),
        ("最高です。", ["最高です", "。"]),
        ("बहुत अच्छा!", ["बहुत", "अच्छा", "!"]),
        ("e\u0301te\u0301 ❤\ufe0f", ["e\u0301te\u0301", "❤\ufe0f"]),
        ("🇰🇷🇺🇸 ok 🇰", ["🇰🇷", "🇺🇸", "ok", "🇰"]),
        ("  ", []),
    ],
)
def test_split_at_punctuation(text: str, parts: list[str]) -> None:
    """Words of any script stay whole, with their marks; punctuation and emoji are parts of their own."""
    assert split_at_punctuation(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Hugging|Face",
        "I'|ve",
        "c|’est",
        "기다려|요",
        "한국|Bot",
        "हि|ं",
        "!|!",
        ":|)",
        "👩\u200d|👧",
        "👍|🏽",
        "🇰|🇷",
        "🇰🇷🇺|🇸",
        "a🇰|🇷",
    ],
)
def test_same_word(text: str) -> None:
    """Letters, apostrophes between them, marks, runs of punctuation, joined emoji and flags continue a word."""
    before, _, after = text.partition("|")
    assert continues_word(before + after, len(before))


@pytest.mark.parametrize(
    "text",
    [
        "|a",
        "great|!",
        "'|best",
        "best|'",
        "foo|-bar",
        "最高|です",
        "人|々",
        "ｶ|ﾅ",
        "한국|語",
        "😂|👍",
        "요|😂",
        "a |b",
        "🇰🇷|🇺🇸",
        "a|🇰🇷",
        "👍|🇰🇷",
        "🇰🇷|👍",
    ],
)
def test_new_word(text: str) -> None:
    """Punctuation, quotation marks, emoji and the tokens of scripts without spaces begin a word."""
    before, _, after = text.partition("|")
    assert not continues_word(before + after, len(before))
