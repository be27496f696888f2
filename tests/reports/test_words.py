"""Keywords of labels."""

import time

import pytest

from bot.reports.words import MAX_WORDS, WordCounter


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
        counter.add("this again" if i % 3 else "again", "NEGATIVE", i % 7)
        counter.add("this lovely", "POSITIVE", i % 7)
        for _ in range(2):
            counter.add("meeting", "NEUTRAL", i % 7)
    found = [(keyword.word, keyword.label) for keyword in counter.keywords(["NEGATIVE", "POSITIVE"])]
    assert sorted(found) == [("again", "NEGATIVE"), ("lovely", "POSITIVE"), ("this", "POSITIVE")]


def test_word_of_few_people() -> None:
    """A word of four people is no keyword, however often they write it."""
    messages = [("broken", "NEGATIVE", i % 4) for i in range(80)] + [("fine", "POSITIVE", 9)] * 80
    assert negative_keywords(messages) == []


def test_names_and_links_are_left_out() -> None:
    """Known names, mentions, words capitalised inside a sentence, and links are no keywords."""
    text = "broken by kim and Robin, see https://secret.example/x or mail jo@site.example, @lee in #ops on host.example"
    messages = [(text, "NEGATIVE", i % 7) for i in range(70)] + [("fine", "POSITIVE", i % 7) for i in range(70)]
    found = negative_keywords(messages, names=("Kim Possible",))
    assert "broken" in found
    for hidden in ("kim", "robin", "secret", "example", "site", "lee", "ops", "host", "https"):
        assert hidden not in found


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


@pytest.mark.parametrize("unit", ["x", "-", "a.", "👍", "<", ":a"])
def test_long_runs_take_linear_time(unit: str) -> None:
    """Text without spaces takes time in proportion to its length."""

    def seconds(length: int) -> float:
        started = time.perf_counter()
        WordCounter().add((unit * length)[:length], "NEGATIVE", 1)
        return time.perf_counter() - started

    seconds(1000)
    # With backtracking, ten times the text would take a hundred times as long.
    assert min(seconds(40_000) for _ in range(3)) < 30 * max(1e-4, min(seconds(4_000) for _ in range(3)))
