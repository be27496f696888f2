"""The classifier equals transformers' pipeline for every architecture, text length and batch."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import pipeline

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.checkpoint import as_classifier
from tests.support.tiny_models import ARCHITECTURES, CORPUS, POSITIONS, tiny

WORDS = " ".join(CORPUS).split()
LENGTHS = (0, 1, 2, 5, 17, 60, POSITIONS - 2, POSITIONS, 480)


def texts_of_all_lengths() -> list[str]:
    """Return texts of 0 to about 2,000 tokens, in random order."""
    rng = random.Random(7)
    texts = [" ".join(rng.choices(WORDS, k=length)) for length in LENGTHS]
    rng.shuffle(texts)
    return texts


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_equals_the_pipeline(architecture: str) -> None:
    """Every score equals the pipeline's to 1e-5, for texts of all lengths in a batch and one by one.

    "sentiment-analysis" is an alias of "text-classification".
    """
    checkpoint = tiny(architecture)
    classifier = as_classifier(checkpoint)
    texts = texts_of_all_lengths()
    tokenizer: Any = checkpoint.tokenizer
    reference = pipeline("text-classification", model=checkpoint.model, tokenizer=tokenizer, top_k=None, device="cpu")
    expected: Any = reference(texts, truncation=True, max_length=checkpoint.max_tokens)

    batch = classifier.classify(texts)
    single = [classifier.classify([text])[0] for text in texts]

    assert len({round(sentiment.score, 3) for sentiment in batch}) > 3, "the model ignores its text"
    for sentiments in (batch, single):
        for sentiment, labels in zip(sentiments, expected, strict=True):
            assert sentiment.scores == pytest.approx({label["label"]: label["score"] for label in labels}, abs=1e-5)
            assert sentiment.score == max(sentiment.scores.values())
            assert sentiment.scores[sentiment.label] == sentiment.score


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_truncated(architecture: str) -> None:
    """The result of a text that is too long is marked as truncated."""
    classifier = as_classifier(tiny(architecture))
    fits, too_long = classifier.classify(["good " * 20, "good " * 200])
    assert not fits.truncated
    # XLNet has no limit of its own.
    assert too_long.truncated == (architecture != "xlnet")


def test_max_tokens() -> None:
    """The maximum length accounts for RoBERTa's positions, which start after the padding token's id."""
    assert tiny("bert").max_tokens == POSITIONS
    assert tiny("roberta").max_tokens == POSITIONS


def test_no_texts() -> None:
    """No texts give no results."""
    assert as_classifier(tiny("bert")).classify([]) == []


@given(st.lists(st.text(alphabet=st.characters(), max_size=40), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_text(texts: list[str]) -> None:
    """Any text, even with lone surrogates, gets scores that add up to 1."""
    for sentiment in as_classifier(tiny("bert")).classify(texts):
        assert sum(sentiment.scores.values()) == pytest.approx(1, abs=1e-5)


def test_scores_are_independent_of_the_batch(classifier: Classifier) -> None:
    """A text's score does not depend on longer or shorter texts in its batch."""
    (alone,) = classifier.classify(["It is fine, I suppose"])
    batched = classifier.classify(["no", "It is fine, I suppose", "what a truly wonderful day it was " * 30])[1]
    assert batched.score == pytest.approx(alone.score, abs=1e-5)
