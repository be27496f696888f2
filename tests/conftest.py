"""What many tests share."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.loading import load


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """Load the model that comes with the bot, once."""
    return load()
