"""The embedded model in OpenVINO, beside the same weights in transformers."""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.errors import ConfigurationError
from bot.sentiment.classifier import Classifier, Model, Row, Scores
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import as_classifier
from bot.sentiment.models.embedded import EMBEDDED_FOLDER, GRAPH, WEIGHTS, first_correct
from bot.sentiment.models.openvino_model import OpenVinoModel
from tests.support.tiny_models import CORPUS

TEXTS = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:", "the build is broken " * 80, "ok"]


def test_close_to_transformers(classifier: Classifier) -> None:
    """Labels are those of the same weights in transformers, and scores are close."""
    reference = as_classifier(checkpoint.load())
    for expected, found in zip(reference.classify(TEXTS), classifier.classify(TEXTS), strict=True):
        assert found.label == expected.label
        assert found.scores == pytest.approx(expected.scores, abs=0.1)


def test_fp32() -> None:
    """Without rounding of inputs, scores are those of the same weights in transformers."""
    config = json.loads((EMBEDDED_FOLDER / "config.json").read_text())
    model = OpenVinoModel(EMBEDDED_FOLDER / GRAPH, EMBEDDED_FOLDER / WEIGHTS, config, threads=1, precision="fp32")
    reference = as_classifier(checkpoint.load())
    found = Classifier(model, reference.tokenizer, "fp32").classify(TEXTS)
    for expected, sentiment in zip(reference.classify(TEXTS), found, strict=True):
        assert sentiment.scores == pytest.approx(expected.scores, abs=2e-3)


class FakeModel(Model):
    """A model with the same scores for every text."""

    def __init__(self, classifier: Classifier, precision: str, scores: Scores) -> None:
        super().__init__({"id2label": classifier.id2label}, ["input_ids"])
        self.precision = precision
        self._scores = scores

    def run(self, rows: Sequence[Row]) -> list[Scores]:
        """Return the scores for each row."""
        return [self._scores] * len(rows)


def test_wrong_scores(classifier: Classifier, caplog: pytest.LogCaptureFixture) -> None:
    """Where int8 gives nearly equal scores, as on an emulated processor, fp32 is used, or an error says what to do."""
    equal = Classifier(FakeModel(classifier, "int8", [0.22, 0.24, 0.54]), classifier.tokenizer, "equal")
    right = Classifier(FakeModel(classifier, "fp32", [0.01, 0.01, 0.98]), classifier.tokenizer, "right")
    assert first_correct([equal, right]) is right
    assert "wrong scores in int8" in caplog.text
    with pytest.raises(ConfigurationError, match="Set SENTIMENT_MODEL"):
        first_correct([equal])


@pytest.mark.slow
def test_scores_are_independent_of_the_batch(classifier: Classifier) -> None:
    """A text has the same scores alone and in a batch with others, up to rounding."""
    rng = random.Random(1)
    words = " ".join(CORPUS).split()
    texts = TEXTS + [" ".join(rng.choices(words, k=rng.randint(1, 30))) for _ in range(400)]
    for text, batched in zip(texts, classifier.classify(texts), strict=True):
        (alone,) = classifier.classify([text])
        assert batched.scores == pytest.approx(alone.scores, abs=0.03)


def test_threads(classifier: Classifier) -> None:
    """Threads that run the model at the same time get the results of their own texts."""
    expected = classifier.classify(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda text: classifier.classify([text])[0], TEXTS * 20))
    for found, other in zip(results, expected * 20, strict=True):
        assert found.scores == pytest.approx(other.scores, abs=0.03)
