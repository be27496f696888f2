"""The classifier gives what transformers' own pipeline gives, whatever the architecture, the length or the batch."""

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
    """Return texts of 0 to about 2,000 tokens, in no order."""
    rng = random.Random(7)
    texts = [" ".join(rng.choices(WORDS, k=length)) for length in LENGTHS]
    rng.shuffle(texts)
    return texts


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_equals_the_pipeline(architecture: str) -> None:
    """For texts of all lengths together and one by one, every score equals the pipeline's to 1e-5.

    "sentiment-analysis" is another name of "text-classification".
    """
    checkpoint = tiny(architecture)
    classifier = as_classifier(checkpoint)
    texts = texts_of_all_lengths()
    tokenizer: Any = checkpoint.tokenizer
    reference = pipeline("text-classification", model=checkpoint.model, tokenizer=tokenizer, top_k=None, device="cpu")
    expected: Any = reference(texts, truncation=True, max_length=checkpoint.max_tokens)

    batch = classifier.classify(texts)
    single = [classifier.classify([text])[0] for text in texts]

    assert len({round(sentiment.score, 3) for sentiment in batch}) > 3, "a model that ignores its text proves little"
    for sentiments in (batch, single):
        for sentiment, labels in zip(sentiments, expected, strict=True):
            assert sentiment.scores == pytest.approx({one["label"]: one["score"] for one in labels}, abs=1e-5)
            assert sentiment.score == max(sentiment.scores.values())
            assert sentiment.scores[sentiment.label] == sentiment.score


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_says_that_it_truncated(architecture: str) -> None:
    """A text that does not fit is judged by its beginning and says so; one that just fits does not."""
    classifier = as_classifier(tiny(architecture))
    fits, too_long = classifier.classify(["good " * 20, "good " * 200])
    assert not fits.truncated
    # XLNet has no limit of its own.
    assert too_long.truncated == (architecture != "xlnet")


def test_reads_as_many_tokens_as_the_model_has_positions() -> None:
    """RoBERTa's positions begin behind the padding token's id; the limit counts that in."""
    assert tiny("bert").max_tokens == POSITIONS
    assert tiny("roberta").max_tokens == POSITIONS


def test_takes_no_texts() -> None:
    """An empty batch has an empty answer."""
    assert as_classifier(tiny("bert")).classify([]) == []


@given(st.lists(st.text(alphabet=st.characters(), max_size=40), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_takes_any_text(texts: list[str]) -> None:
    """Whatever stands in a text, lone surrogates included, it gets a label and scores that add up to 1."""
    for sentiment in as_classifier(tiny("bert")).classify(texts):
        assert sum(sentiment.scores.values()) == pytest.approx(1, abs=1e-5)


def test_scores_stay_apart_from_the_batch(classifier: Classifier) -> None:
    """A text's score does not depend on its neighbours, longer or shorter."""
    (alone,) = classifier.classify(["It is fine, I suppose"])
    among = classifier.classify(["no", "It is fine, I suppose", "what a truly wonderful day it was " * 30])[1]
    assert among.score == pytest.approx(alone.score, abs=1e-5)
