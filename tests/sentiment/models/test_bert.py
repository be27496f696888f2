"""The bot's own implementation of BERT."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import TransformersModel

TEXTS = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:", "the build is broken " * 80, "ok"]


def test_equals_transformers(classifier: Classifier) -> None:
    """Scores equal those of transformers, which computes every token in every layer."""
    embedded = checkpoint.load()
    reference = Classifier(TransformersModel(embedded.model, embedded.tokenizer), classifier.tokenizer, "reference")
    for expected, found in zip(reference.classify(TEXTS), classifier.classify(TEXTS), strict=True):
        assert found.scores == pytest.approx(expected.scores, abs=1e-5)
