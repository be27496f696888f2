"""The embedded model on the behaviour cases: expected labels, and changes that must not affect the label."""

from collections import Counter

import pytest

from bot.sentiment.classifier import Classifier
from training.behaviour import EXPECTED_LABELS, INVARIANT_PAIRS, NEGATIVE, NEUTRAL, POSITIVE

MIN_SHARE = 0.95  # of each group


@pytest.mark.parametrize("group", EXPECTED_LABELS)
def test_label(classifier: Classifier, group: str) -> None:
    """Nearly all messages of a group get the label that people would choose."""
    cases = EXPECTED_LABELS[group]
    sentiments = classifier.classify([text for text, _ in cases])
    errors = [
        f"{text!r} → {found.label} ({found.score:.2f}), expected {expected}"
        for (text, expected), found in zip(cases, sentiments, strict=True)
        if found.label != expected
    ]
    assert_few(errors, len(cases))


@pytest.mark.parametrize("group", INVARIANT_PAIRS)
def test_same_label(classifier: Classifier, group: str) -> None:
    """A change without meaning, such as another name or a typo, hardly ever changes the label."""
    cases = INVARIANT_PAIRS[group]
    originals = classifier.classify([text for text, _ in cases])
    variants = classifier.classify([variant for _, variant in cases])
    errors = [
        f"{variant!r} → {found.label} ({found.score:.2f}), expected {expected.label} ({expected.score:.2f}) as {text!r}"
        for (text, variant), expected, found in zip(cases, originals, variants, strict=True)
        if found.label != expected.label
    ]
    assert_few(errors, len(cases))


def test_cases() -> None:
    """There are enough cases, without duplicates in a group, and with existing labels only."""
    groups = {**EXPECTED_LABELS, **INVARIANT_PAIRS}
    assert len(groups) == len(EXPECTED_LABELS) + len(INVARIANT_PAIRS), "two groups have the same name"
    assert sum(map(len, groups.values())) >= 400
    assert {name: len(cases) for name, cases in groups.items() if len(cases) < 30} == {}
    assert {label for cases in EXPECTED_LABELS.values() for _, label in cases} == {NEGATIVE, NEUTRAL, POSITIVE}
    for name, cases in EXPECTED_LABELS.items():
        assert duplicates([text for text, _ in cases]) == [], name
    for name, cases in INVARIANT_PAIRS.items():
        assert duplicates([variant for _, variant in cases]) == [], name
        assert [text for text, variant in cases if text == variant] == [], name


def assert_few(errors: list[str], count: int) -> None:
    """Fail if the share of correct cases is too small, and list the errors."""
    share = 1 - len(errors) / count
    assert share >= MIN_SHARE, "\n".join([f"{share:.1%} of {count} as expected, at least {MIN_SHARE:.0%}:", *errors])


def duplicates(texts: list[str]) -> list[str]:
    """Return the texts that occur more than once."""
    return [text for text, count in Counter(texts).items() if count > 1]
