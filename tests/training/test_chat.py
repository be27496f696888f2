"""The chat messages that the model learns from."""

import random
import re
from collections import Counter

from tests.behaviour.messages import MESSAGES, SAME
from training.chat import chat_rows
from training.data import LABELS


def bare(text: str) -> str:
    """Return the words of a text in lower case, or the text where it has none."""
    return re.sub(r"\W+", " ", text.lower()).strip() or text


def test_rows() -> None:
    """The same seed gives the same rows, none twice, with the three labels in fair shares."""
    rows = chat_rows(random.Random(1))
    assert rows == chat_rows(random.Random(1))
    assert len(rows) == len({text for text, _ in rows}) > 6000
    shares = Counter(label for _, label in rows)
    assert set(shares) == set(LABELS)
    assert min(shares.values()) > len(rows) / 4


def test_the_behaviour_table_is_not_learnt_by_heart() -> None:
    """No message of three words or more of the behaviour table is among them."""
    learnt = {bare(text) for seed in range(4) for text, _ in chat_rows(random.Random(seed))}
    table = [text for cases in MESSAGES.values() for text, _ in cases]
    table += [text for pairs in SAME.values() for pair in pairs for text in pair]
    assert [text for text in table if bare(text) in learnt and len(bare(text).split()) > 2] == []
