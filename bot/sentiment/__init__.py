"""Sentiment of texts: a list of texts in, a list of results out.

>>> from bot.sentiment import explain, load
>>> classifier = load()
>>> [sentiment] = classifier.classify(["I love this"])
>>> sentiment.label
'POSITIVE'
>>> sentiment.score > 0.9
True
>>> breakdown = explain(classifier, "I love this")
>>> max(breakdown.words, key=lambda word: word.attribution).text
'love'

``load()`` loads the model that ships with the bot; ``load("folder")`` and ``load("owner/name", revision="…")`` load any
other text-classification checkpoint.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bot.sentiment.types import Breakdown, Sentiment

if TYPE_CHECKING:
    from bot.sentiment.classifier import Classifier
    from bot.sentiment.explanation import explain
    from bot.sentiment.models.loading import load
else:
    _MODULES = {"Classifier": "classifier", "explain": "explanation", "load": "models.loading"}

    def __getattr__(name: str) -> object:
        """Import on first use, since importing torch takes a second and ``bot.sentiment.types`` works without it."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


__all__ = ["Breakdown", "Classifier", "Sentiment", "explain", "load"]
