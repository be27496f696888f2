"""Synthetic chat messages."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

import training
from training.behaviour import all_texts
from training.data import LABELS
from training.synthetic_chat import generate, generate_english
from training.train import generated_messages
from training.vocabulary import LANGUAGES

OTHER_LANGUAGES = [language for language in LANGUAGES if language != "english"]


def normalise(text: str) -> str:
    """Return the words of a text in lower case, or the text itself if it has none."""
    return re.sub(r"\W+", " ", text.lower()).strip() or text


def is_long(text: str) -> bool:
    """Return whether a text has three words or more, or six characters or more of a script without spaces."""
    words = normalise(text)
    return len(words.split()) > 2 or len(re.findall("[\u3040-\u30ff\u4e00-\u9fff]", words)) > 5


def test_english() -> None:
    """The same seed gives the same messages, without duplicates and with balanced labels."""
    rows = generate_english(random.Random(1))
    assert rows == generate_english(random.Random(1))
    assert len(rows) == len({text for text, _ in rows}) > 10_000
    counts = Counter(label for _, label in rows)
    assert set(counts) == set(LABELS)
    assert min(counts.values()) > len(rows) / 4


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_other_languages(language: str) -> None:
    """Every language has hundreds of messages of each label, all slots are filled, and a seed repeats them."""
    rows = generate(language, random.Random(1))
    assert rows == generate(language, random.Random(1))
    assert min(Counter(label for _, label in rows).values()) >= 250
    assert [text for text, _ in rows if not text.strip() or re.search(r"\{\w+\}", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_templates(language: str) -> None:
    """No template has two labels."""
    folder = Path(training.__file__).parent / "templates" / language
    templates = [line for path in folder.glob("[np]*.txt") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line, count in Counter(templates).items() if count > 1] == []


def test_no_behaviour_cases() -> None:
    """The messages contain no behaviour case, unless it is a word or two."""
    messages = {normalise(text) for rows in generated_messages().values() for text, _ in rows}
    assert [text for text in all_texts() if is_long(text) and normalise(text) in messages] == []
