"""How the bot's own model labels the messages of messages.py: what it should say, and what should not sway it."""

from collections import Counter

import pytest

from bot.sentiment.classifier import Classifier
from tests.behaviour.messages import MESSAGES, NEGATIVE, NEUTRAL, POSITIVE, SAME

ENOUGH = 0.95  # of each group


@pytest.mark.parametrize("group", MESSAGES)
def test_label(classifier: Classifier, group: str) -> None:
    """Prove that the model labels nearly all messages of a group as people would."""
    cases = MESSAGES[group]
    sentiments = classifier.classify([text for text, _ in cases])
    misses = [
        f"{text!r} → {found.label} ({found.score:.2f}), expected {expected}"
        for (text, expected), found in zip(cases, sentiments, strict=True)
        if found.label != expected
    ]
    _judge(misses, len(cases))


@pytest.mark.parametrize("group", SAME)
def test_same_label(classifier: Classifier, group: str) -> None:
    """Prove that a change without meaning, such as another name or a typo, hardly ever changes the label."""
    cases = SAME[group]
    before = classifier.classify([text for text, _ in cases])
    after = classifier.classify([variant for _, variant in cases])
    misses = [
        f"{variant!r} → {found.label} ({found.score:.2f}), expected {wanted.label} ({wanted.score:.2f}) as {text!r}"
        for (text, variant), wanted, found in zip(cases, before, after, strict=True)
        if found.label != wanted.label
    ]
    _judge(misses, len(cases))


def test_table_is_sound() -> None:
    """Prove that the table is large, repeats nothing within a group and expects only labels that there are."""
    groups = {**MESSAGES, **SAME}
    assert len(groups) == len(MESSAGES) + len(SAME), "two groups have one name"
    assert sum(map(len, groups.values())) >= 400
    assert {name: len(cases) for name, cases in groups.items() if len(cases) < 30} == {}
    assert {label for cases in MESSAGES.values() for _, label in cases} == {NEGATIVE, NEUTRAL, POSITIVE}
    for name, cases in MESSAGES.items():
        assert _repeated([text for text, _ in cases]) == [], name
    for name, cases in SAME.items():
        assert _repeated([variant for _, variant in cases]) == [], name
        assert [text for text, variant in cases if text == variant] == [], name


def _judge(misses: list[str], count: int) -> None:
    """Fail where too few of a group's cases came out as expected, and say which did not."""
    share = 1 - len(misses) / count
    assert share >= ENOUGH, "\n".join([f"{share:.1%} of {count} as expected, {ENOUGH:.0%} wanted:", *misses])


def _repeated(texts: list[str]) -> list[str]:
    """Find what stands there more than once."""
    return [text for text, times in Counter(texts).items() if times > 1]
