"""Keywords of labels."""

import math
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bot.reports.words import MAX_WORDS, WordCounter, log_hypergeometric_tail


def negative_keywords(messages: list[tuple[str, str, int]], names: tuple[str, ...] = ()) -> list[str]:
    """Return the keywords of NEGATIVE."""
    counter = WordCounter()
    for text, label, person in messages:
        counter.add(text, label, person)
    return [keyword.word for keyword in counter.keywords(["NEGATIVE"], names)]


def test_word_of_one_label() -> None:
    """A word in NEGATIVE messages of five people is a keyword; one in all messages is not."""
    messages = [("the build is broken", "NEGATIVE", i) for i in range(5)] * 4 + [
        ("the build is lovely", "POSITIVE", i) for i in range(5)
    ] * 4
    assert negative_keywords(messages) == ["broken"]


def test_word_of_two_labels() -> None:
    """A word that is more frequent with two labels is a keyword of the more significant one only."""
    counter = WordCounter()
    for i in range(300):
        counter.add("wow again" if i % 3 else "again", "NEGATIVE", i % 7)
        counter.add("wow lovely", "POSITIVE", i % 7)
        for _ in range(2):
            counter.add("meeting", "NEUTRAL", i % 7)
    found = [(keyword.word, keyword.label) for keyword in counter.keywords(["NEGATIVE", "POSITIVE"])]
    assert sorted(found) == [("again", "NEGATIVE"), ("lovely", "POSITIVE"), ("wow", "POSITIVE")]


def test_word_of_few_people() -> None:
    """A word of four people is no keyword, however often they write it."""
    messages = [("broken", "NEGATIVE", i % 4) for i in range(80)] + [("fine", "POSITIVE", 9)] * 80
    assert negative_keywords(messages) == []


def test_frequent_word() -> None:
    """A word of most messages is no keyword, even if it is clearly more frequent with a label."""
    messages = [("the ticket is broken", "NEGATIVE", i % 7) for i in range(80)]
    messages += [("the ticket" if i % 2 else "lunch", "POSITIVE", i % 7) for i in range(320)]
    assert negative_keywords(messages) == ["broken"]


@pytest.mark.parametrize(("with_label", "without", "found"), [(5, 2, []), (12, 2, ["code"])])
def test_rare_word(with_label: int, without: int, found: list[str]) -> None:
    """A word of seven messages, of which five have a label that a fifth of all have, may be so by chance."""
    others = "aaa bbb ccc ddd eee fff ggg"
    messages = [(f"code {others}" if i < with_label else others, "NEGATIVE", i) for i in range(30)]
    messages += [(f"code {others}" if i < without else others, "POSITIVE", i) for i in range(120)]
    assert negative_keywords(messages) == found


@given(st.integers(1, 300), st.data())
def test_hypergeometric_tail(total: int, data: st.DataObject) -> None:
    """The tail is scipy's, above the expected count."""
    marked, drawn = data.draw(st.integers(0, total)), data.draw(st.integers(0, total))
    count = data.draw(st.integers(max(0, drawn + marked - total), min(marked, drawn)))
    expected = stats.hypergeom.logsf(count - 1, total, marked, drawn)
    if count * total > drawn * marked and math.isfinite(expected):
        assert log_hypergeometric_tail(count, drawn, marked, total) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_names_and_links_are_left_out() -> None:
    """Known names, mentions, words capitalised inside a sentence, and links are no keywords."""
    text = "broken by kim and Robin, see https://secret.example/x or mail jo@site.example, @lee in #ops on host.example"
    messages = [(text, "NEGATIVE", i % 7) for i in range(70)] + [("fine", "POSITIVE", i % 7) for i in range(70)]
    found = negative_keywords(messages, names=("Kim Possible",))
    assert "broken" in found
    for hidden in ("kim", "robin", "secret", "example", "site", "lee", "ops", "host", "https"):
        assert hidden not in found


def words(text: str, *, names: tuple[str, ...] = ()) -> set[str]:
    """Return the keywords among the words of ``text``, which all of seven people wrote, and nobody else."""
    messages = [(text, "NEGATIVE", i) for i in range(7)] * 6 + [("fine", "POSITIVE", i) for i in range(7)] * 6
    return set(negative_keywords(messages, names))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ещё не работает", {"ещё", "работает"}),
        ("यह मीटिंग बहुत ज़्यादा लंबी थी।", {"मीटिंग", "बहुत", "ज़्यादा", "लंबी"}),
        ("کار نمی\u200cکند", {"کار", "نمی\u200cکند"}),
        ("das nervt, größtenteils", {"nervt", "größtenteils"}),
        ("chán quá trời", {"chán", "quá", "trời"}),
        ("işe yaramıyor, İPTAL", {"işe", "yaramıyor", "iptal"}),
        ("déjà cassé", {"déjà", "cassé"}),
        ("회의가 또 길어요", {"회의", "길어요"}),
        ("서버에서는 빌드를 서버로 에러", {"서버", "빌드", "에러"}),
        ("집으로 싫어 아이", {"집으로", "싫어", "아이"}),
        ("deploy가 서버API를 cloud에서", {"deploy", "서버", "api", "cloud"}),
        ("싫어요ㅠㅠㅠㅠ ㅋ", {"싫어요", "ㅠㅠ"}),
    ],
)
def test_scripts(text: str, expected: set[str]) -> None:
    """Words are found in each script with spaces, however their characters are composed; Korean ones lose particles."""
    assert words(text) == expected
    assert words(unicodedata.normalize("NFD", text)) == expected


@pytest.mark.parametrize("text", ["ビルドがまた壊れた", "构建又失败了，真烦人", "ระบบล่มอีกแล้ว", "谢谢"])
def test_scripts_without_spaces(text: str) -> None:
    """Text in a script without spaces has no keywords, which is noticed; words in other scripts next to it have."""
    counter = WordCounter()
    counter.add("lol ¯\\_(ツ)_/¯ (ノಠ益ಠ)ノ彡┻━┻", "NEGATIVE", 1)
    assert not counter.words_missing
    counter.add(text, "NEGATIVE", 1)
    assert counter.words_missing
    assert words(f"PR{text}broken") == {"broken"}


def test_korean_names() -> None:
    """Known Korean names, and words that mostly have an honorific, are no keywords, with or without a particle."""
    assert words("민수님이 영희씨 회의 지연", names=("Kim Possible",)) == {"회의", "지연"}
    assert words("박지은이 지은 박지은님 지연", names=("박지은",)) == {"지연"}


@given(st.text() | st.text(alphabet="aéß'’ ㅋ회의는님한のก谢न\u093e\u0301\u200dЖİ.", max_size=200))
def test_any_text(text: str) -> None:
    """No text fails; keywords are in lower case, and contain no spaces and no characters of scripts without spaces."""
    for word in words(text):
        assert word == word.lower()
        assert not any(character.isspace() or character in "のก谢." for character in word)


def test_memory_is_bounded() -> None:
    """The number of words in memory is limited, and words of many people are kept."""
    counter = WordCounter()
    letters = "abcdefghijklmnopqrstuvwxyz"
    for i in range(2000):
        beginning = letters[i // 676 % 26] + letters[i // 26 % 26] + letters[i % 26]
        rare = " ".join(f"{beginning}q{letter}x" for letter in letters)
        counter.add(f"broken {rare}", "NEGATIVE", i % 9)
        counter.add("fine", "POSITIVE", i % 9)
    assert len(counter._words) <= MAX_WORDS
    assert [keyword.word for keyword in counter.keywords(["NEGATIVE"])] == ["broken"]


@pytest.mark.parametrize("unit", ["x", "-", "a.", "👍", "<", ":a", "한", "ㅋ", "の", "a\u0301", "\u0301", "न\u093e’"])
def test_long_runs_take_linear_time(unit: str) -> None:
    """Text without spaces takes time in proportion to its length."""

    def seconds(length: int) -> float:
        started = time.perf_counter()
        WordCounter().add((unit * length)[:length], "NEGATIVE", 1)
        return time.perf_counter() - started

    seconds(1000)
    # With backtracking, ten times the text would take a hundred times as long.
    assert min(seconds(40_000) for _ in range(3)) < 30 * max(1e-4, min(seconds(4_000) for _ in range(3)))
