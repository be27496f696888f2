"""The embedded model in OpenVINO, beside the same weights in transformers."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.sentiment.classifier import Classifier, Model, Row, Scores
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import as_classifier
from bot.sentiment.models.embedded import EMBEDDED_FOLDER, GRAPH, WEIGHTS, is_right
from bot.sentiment.models.openvino_model import OpenVinoModel

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
        assert sentiment.scores == pytest.approx(expected.scores, abs=0.02)  # in bf16, where the processor has it


def test_check_of_the_arithmetic(classifier: Classifier) -> None:
    """A model whose scores are nearly equal is not taken for right, as happens on an emulated processor."""

    class Wrong(Model):
        precision = "int8"

        def run(self, rows: Sequence[Row]) -> list[Scores]:
            return [[0.22, 0.24, 0.54]] * len(rows)

    assert is_right(classifier)
    wrong = Wrong({"id2label": classifier.id2label}, ["input_ids"])
    assert not is_right(Classifier(wrong, classifier.tokenizer, "wrong"))


def test_scores_are_independent_of_the_batch(classifier: Classifier) -> None:
    """A text has the same scores alone and in a batch, up to rounding."""
    for text, batched in zip(TEXTS, classifier.classify(TEXTS), strict=True):
        (alone,) = classifier.classify([text])
        assert batched.scores == pytest.approx(alone.scores, abs=2e-3)


def test_threads(classifier: Classifier) -> None:
    """Threads that run the model at the same time get the results of their own texts."""
    expected = classifier.classify(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda text: classifier.classify([text])[0], TEXTS * 20))
    for found, other in zip(results, expected * 20, strict=True):
        assert found.scores == pytest.approx(other.scores, abs=2e-3)
