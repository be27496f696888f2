"""Simulated int8 arithmetic."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import TransformersModel
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare
from training.base_model import simulate_int8

TEXTS = ["I love this", "Deploy is at 5 pm", "not again 😡", "ship it :rocket:", "the build is broken " * 80, "ok"]


def test_simulation_equals_the_engine(classifier: Classifier) -> None:
    """Simulated int8 arithmetic gives the engine's int8 scores, except for the rounding in the head."""
    rows = [classifier.row(encoding) for encoding in classifier.encode(TEXTS)]
    trained, prepared = checkpoint.load(), load()
    simulate_int8(trained.model, on=True)
    simulated = Classifier(TransformersModel(trained.model, trained.tokenizer), classifier.tokenizer, "simulated")
    prepare(prepared, "int8")
    for scores, expected in zip(simulated.scores(rows), prepared.scores(rows), strict=True):
        assert scores == pytest.approx(expected, abs=0.01)
