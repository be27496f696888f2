"""The words that go along with a label."""

import time

import pytest

from bot.reports import words as module
from bot.reports.words import WordCounter


def found(messages: list[tuple[str, str, int]], names: tuple[str, ...] = ()) -> list[str]:
    """Return the words that stand out for NEGATIVE."""
    words = WordCounter()
    for text, label, person in messages:
        words.add(text, label, person)
    return [weight.word for weight in words.weights(["NEGATIVE"], names)]


def test_a_word_of_many() -> None:
    """A word in NEGATIVE messages of five people stands out; one that is everywhere does not."""
    messages = [("the build is broken", "NEGATIVE", i) for i in range(5)] * 4 + [
        ("the build is lovely", "POSITIVE", i) for i in range(5)
    ] * 4
    assert found(messages) == ["broken"]


def test_a_word_of_two_labels() -> None:
    """A word that goes along with two labels is shown for the one that it is clearer for, and only there."""
    words = WordCounter()
    for i in range(300):
        words.add("this again" if i % 3 else "again", "NEGATIVE", i % 7)
        words.add("this lovely", "POSITIVE", i % 7)
        for _ in range(2):
            words.add("meeting", "NEUTRAL", i % 7)
    shown = [(weight.word, weight.label) for weight in words.weights(["NEGATIVE", "POSITIVE"])]
    assert sorted(shown) == [("again", "NEGATIVE"), ("lovely", "POSITIVE"), ("this", "POSITIVE")]


def test_a_word_of_few() -> None:
    """A word of four people is left out, however often they write it."""
    assert found([("broken", "NEGATIVE", i % 4) for i in range(80)] + [("fine", "POSITIVE", 9)] * 80) == []


def test_names_and_links_are_left_out() -> None:
    """No name that is known, mentioned or written with a capital inside a sentence, and no link, is shown."""
    text = "broken by kim and Robin, see https://secret.example/x or mail jo@site.example, @lee in #ops on host.example"
    messages = [(text, "NEGATIVE", i % 7) for i in range(70)] + [("fine", "POSITIVE", i % 7) for i in range(70)]
    shown = found(messages, names=("Kim Possible",))
    assert "broken" in shown
    for hidden in ("kim", "robin", "secret", "example", "site", "lee", "ops", "host", "https"):
        assert hidden not in shown


def test_memory_is_bounded() -> None:
    """A flood of new words does not grow what is kept, and does not drown what many people write."""
    words = WordCounter()
    letters = "abcdefghijklmnopqrstuvwxyz"
    for i in range(2000):
        beginning = letters[i // 676 % 26] + letters[i // 26 % 26] + letters[i % 26]
        rare = " ".join(f"{beginning}q{letter}x" for letter in letters)
        words.add(f"broken {rare}", "NEGATIVE", i % 9)
        words.add("fine", "POSITIVE", i % 9)
    assert len(words._words) <= module.MOST_WORDS
    assert [weight.word for weight in words.weights(["NEGATIVE"])] == ["broken"]


@pytest.mark.parametrize("unit", ["x", "-", "a.", "👍", "<", ":a"])
def test_a_run_without_end(unit: str) -> None:
    """What has no space, however long it is, takes no more than its length asks for: who reads it is a bot at work."""

    def seconds(length: int) -> float:
        started = time.perf_counter()
        WordCounter().add((unit * length)[:length], "NEGATIVE", 1)
        return time.perf_counter() - started

    seconds(1000)
    # Ten times the text is a hundred times the work for what looks back again and again.
    assert min(seconds(40_000) for _ in range(3)) < 30 * max(1e-4, min(seconds(4_000) for _ in range(3)))
