"""The embedded model on the behaviour cases: expected labels, and changes that must not affect the label."""

from collections import Counter
from collections.abc import Sequence

import pytest

from bot.sentiment.classifier import Classifier
from training.behaviour import Cases, expected_labels, invariant_pairs
from training.data import LABELS
from training.vocabulary import LANGUAGES

OTHER_LANGUAGES = [language for language in LANGUAGES if language != "english"]
ENGLISH, PAIRS = expected_labels("english"), invariant_pairs()
HARDER = {
    "slang of chat": 0.90,
    "good news in bad words": 0.85,
    "slang praise": 0.85,
    "litotes": 0.85,
    "courtesy": 0.85,
    "sarcasm": 0.70,
    "passive aggression": 0.70,
    "complaints and incidents that hurt": 0.85,
    "plain incident facts": 0.85,
    "nonsense and code": 0.85,
    "anticipation and relief": 0.85,
}
"""The least share of correct labels of the groups that are harder than the others."""


@pytest.mark.parametrize("group", ENGLISH)
def test_label(classifier: Classifier, group: str) -> None:
    """At least 95 % of a group get the expected label, and of the harder groups the share in ``HARDER``.

    It is 94 %, two of about 35, since a message near the border differs on processors that compute int8 differently.
    """
    assert_labels(classifier, ENGLISH[group], HARDER.get(group, 0.94))


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_language(classifier: Classifier, language: str) -> None:
    """At least 85 % of the work chat in each other language gets the expected label."""
    assert_labels(classifier, all_cases(expected_labels(language)), 0.85)


def test_all_languages(classifier: Classifier) -> None:
    """At least 90 % of the messages in all other languages together get the expected label."""
    cases = [case for language in OTHER_LANGUAGES for case in all_cases(expected_labels(language))]
    assert_labels(classifier, cases, 0.9)


@pytest.mark.parametrize(
    ("text", "label", "least"),
    [
        ("I've been waiting for a HuggingFace course my whole life.", "POSITIVE", 0.85),
        ("I hate this so much!", "NEGATIVE", 0.95),
        ("저는 평생 HuggingFace 강의를 기다려 왔어요.", "POSITIVE", 0.85),
        ("이거 정말 너무 싫어요!", "NEGATIVE", 0.90),
    ],
)
def test_first_example(classifier: Classifier, text: str, label: str, least: float) -> None:
    """The first example of the Hugging Face course gets its labels with confidence, in English and in Korean."""
    (sentiment,) = classifier.classify([text])
    assert sentiment.label == label
    assert sentiment.score >= least


@pytest.mark.parametrize("group", PAIRS)
def test_same_label(classifier: Classifier, group: str) -> None:
    """A change without meaning, such as another name, keeps the label of at least 95 %, and a typo of 90 %."""
    originals = classifier.classify([text for text, _ in PAIRS[group]])
    cases = [(found.label, variant) for found, (_, variant) in zip(originals, PAIRS[group], strict=True)]
    assert_labels(classifier, cases, 0.90 if group == "typos" else 0.95)


def test_cases() -> None:
    """There are enough cases, without duplicates in a group, and with existing labels only."""
    groups = {(language, group): cases for language in LANGUAGES for group, cases in expected_labels(language).items()}
    assert {label for cases in groups.values() for label, _ in cases} == set(LABELS)
    for (language, group), cases in groups.items():
        assert len(cases) >= (30 if language == "english" else 6), (language, group)
        assert duplicates([text for _, text in cases]) == [], (language, group)
    assert {language for language in OTHER_LANGUAGES if len(all_cases(expected_labels(language))) < 40} == set()
    assert {group for group in HARDER if len(ENGLISH[group]) < 40} == set()
    for group, pairs in PAIRS.items():
        assert len(pairs) >= 30, group
        assert duplicates([variant for _, variant in pairs]) == [], group
        assert [text for text, variant in pairs if text == variant] == [], group


def all_cases(groups: Cases) -> list[tuple[str, str]]:
    """Return the cases of all groups."""
    return [case for cases in groups.values() for case in cases]


def assert_labels(classifier: Classifier, cases: Sequence[tuple[str, str]], least: float) -> None:
    """Fail if the share of (label, text) cases with that label is below ``least``, and list the errors."""
    sentiments = classifier.classify([text for _, text in cases])
    errors = [
        f"{text!r} → {found.label} ({found.score:.2f}), expected {expected}"
        for (expected, text), found in zip(cases, sentiments, strict=True)
        if found.label != expected
    ]
    share = 1 - len(errors) / len(cases)
    assert share >= least, "\n".join([f"{share:.1%} of {len(cases)} as expected, at least {least:.0%}:", *errors])


def duplicates(texts: list[str]) -> list[str]:
    """Return the texts that occur more than once."""
    return [text for text, count in Counter(texts).items() if count > 1]
