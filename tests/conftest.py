"""What many tests share."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sql

from bot.sentiment.classifier import Classifier
from bot.sentiment.engine.engine import Engine
from bot.sentiment.models.loading import load
from bot.store.database import IN_MEMORY
from tests.support import privacy as privacy_
from tests.support.privacy import Privacy
from tests.support.stage import Stage, staged

POSTGRESQL = os.environ.get("TEST_DATABASE_URL")
SCHEMA = f"sentiment_bot_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""Emptied by each test, so that tests which run side by side need one each."""

# The processes that tests start keep nothing, unless a test tells them where.
os.environ["DATABASE_URL"] = IN_MEMORY


@pytest.fixture(autouse=True)
def privacy(caplog: pytest.LogCaptureFixture) -> Iterator[Privacy]:
    """After each test, look whether what people wrote, or a token, was left in the log, in output or in a database."""
    caplog.handler.setLevel(logging.WARNING)  # tests go on to see what they saw, though everything is logged
    with privacy_.watched() as privacy:
        yield privacy
    if not privacy.forgiven and (found := privacy.found()):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture(params=["memory", "file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database."""
    if request.param == "memory":
        yield IN_MEMORY
    elif request.param == "file":
        yield f"sqlite:///{tmp_path}/bot.db"
    elif POSTGRESQL is None:
        pytest.skip("needs PostgreSQL: set TEST_DATABASE_URL=postgresql://user@host/database, which is emptied")
    else:
        with sql.create_engine(POSTGRESQL.replace("postgresql:", "postgresql+psycopg:")).begin() as connection:
            connection.execute(sql.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
            connection.execute(sql.text(f"CREATE SCHEMA {SCHEMA}"))
        yield f"{POSTGRESQL}?options=-csearch_path%3D{SCHEMA}"


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """Load the model that comes with the bot, once."""
    return load()


@pytest.fixture(scope="session")
def engine(classifier: Classifier) -> Iterator[Engine]:
    """Put that model on one thread, without a memory, so that texts are judged in about the order they come."""
    engine = Engine(classifier, threads=1, cache_size=0)
    yield engine
    engine.close()


@pytest.fixture
async def stage(engine: Engine) -> AsyncIterator[Stage]:
    """Start a workspace, and the bot in it with its own model."""
    async with staged(engine) as stage:
        yield stage
