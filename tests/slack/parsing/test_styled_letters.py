"""Letters in a style of their own."""

import string

import emoji
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.parsing.styled_letters import without_styles

EMOJI = [character for character, data in emoji.EMOJI_DATA.items() if data["status"] == emoji.STATUS["fully_qualified"]]


@pytest.mark.parametrize(
    ("styled", "plain"),
    [
        ("𝗜 𝗵𝗮𝘁𝗲 𝑡ℎ𝑖𝑠", "I hate this"),
        ("𝓘 𝔥𝕒𝚝𝖊 𝒕𝓱𝒾𝔰", "I hate this"),
        ("Ｉ ｈａｔｅ ⓣⓗⓘⓢ", "I hate this"),
        ("🅷🅰🆃🅴 🅣🅗🅘🅢 🄽🄾🅆", "HATE THIS NOW"),
        ("ɪ ʜᴀᴛᴇ ᴛʜɪꜱ ʰᵃᵗᵉ", "i hate this hate"),
        ("ᵗʰᶦˢ ᶦˢ ⒜ ⒣⒜⒯⒠ 🄷🄰🅃🄴 🄗", "this is a hate HATE H"),
        ("I h\u200ba\xadte\u2060 \u200fthis\u200e, \u2066so\u2069 \ufeffmuch", "I hate this, so much"),
        ("نمی\u200cخواهم क\u094d\u200dष", "نمی\u200cخواهم क\u094d\u200dष"),
        ("h\u0336a\u0336te t\u0332h\u0332is", "hate this"),
        ("été 좋아요 ㅋㅋ 最高 ﾅｲｽ x² № ½ 1º ಠ_ಠ", "été 좋아요 ㅋㅋ 最高 ﾅｲｽ x² № ½ 1º ಠ_ಠ"),
    ],
)
def test_without_styles(styled: str, plain: str) -> None:
    """Styled letters become plain ones; other scripts and signs stay."""
    assert without_styles(styled) == plain


@given(st.lists(st.sampled_from([*string.printable, *EMOJI])).map("".join))
def test_others_stay(text: str) -> None:
    """ASCII characters and emoji are left alone, also those that show a letter."""
    assert without_styles(text) == text
