"""What many tests share."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.engine import Engine
from bot.sentiment.loading import load
from bot.store.database import IN_MEMORY
from tests.stage import Stage, staged

# The processes that tests start keep nothing, unless a test tells them where.
os.environ["DATABASE_URL"] = IN_MEMORY


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """Load the model that comes with the bot, once."""
    return load()


@pytest.fixture(scope="session")
def engine(classifier: Classifier) -> Iterator[Engine]:
    """Put that model on one thread, without a memory, so that texts are judged in about the order they come."""
    engine = Engine(classifier, threads=1, remember=0)
    yield engine
    engine.close()


@pytest.fixture
async def stage(engine: Engine) -> AsyncIterator[Stage]:
    """Start a workspace, and the bot in it with its own model."""
    async with staged(engine) as stage:
        yield stage
