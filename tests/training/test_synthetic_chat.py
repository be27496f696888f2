"""Synthetic chat messages."""

import random
import re
from collections import Counter

from training.behaviour import EXPECTED_LABELS, INVARIANT_PAIRS
from training.data import LABELS
from training.synthetic_chat import generate_messages


def normalise(text: str) -> str:
    """Return the words of a text in lower case, or the text itself if it has none."""
    return re.sub(r"\W+", " ", text.lower()).strip() or text


def test_messages() -> None:
    """The same seed gives the same messages, without duplicates and with balanced labels."""
    rows = generate_messages(random.Random(1))
    assert rows == generate_messages(random.Random(1))
    assert len(rows) == len({text for text, _ in rows}) > 6000
    counts = Counter(label for _, label in rows)
    assert set(counts) == set(LABELS)
    assert min(counts.values()) > len(rows) / 4


def test_no_behaviour_cases() -> None:
    """The messages contain no behaviour case of three words or more."""
    messages = {normalise(text) for seed in range(4) for text, _ in generate_messages(random.Random(seed))}
    cases = [text for group in EXPECTED_LABELS.values() for text, _ in group]
    cases += [text for pairs in INVARIANT_PAIRS.values() for pair in pairs for text in pair]
    assert [text for text in cases if normalise(text) in messages and len(normalise(text).split()) > 2] == []
