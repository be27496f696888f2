"""Fixtures for all tests."""

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
from tests.support.bot_in_emulator import RunningBot, run_bot
from tests.support.privacy import Privacy

POSTGRESQL = os.environ.get("TEST_DATABASE_URL")
SCHEMA = f"sentiment_bot_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""The schema that each test empties; tests that run in parallel need different ones."""

# Processes that tests start store nothing, unless a test gives them a database.
os.environ["DATABASE_URL"] = IN_MEMORY


@pytest.fixture(autouse=True)
def privacy(caplog: pytest.LogCaptureFixture) -> Iterator[Privacy]:
    """Fail the test if it leaves message text or a token in the log, in output or in a database."""
    caplog.handler.setLevel(logging.WARNING)  # tests see warnings only, although the root logger is at DEBUG
    with privacy_.recorded() as privacy:
        yield privacy
    if not privacy.ignored and (found := privacy.found()):
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture(params=["memory", "file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database, of each kind."""
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
    """Load the embedded model."""
    return load()


@pytest.fixture(scope="session")
def engine(classifier: Classifier) -> Iterator[Engine]:
    """Run the embedded model on one thread and without a cache, so that texts are classified in order."""
    engine = Engine(classifier, threads=1, cache_size=0)
    yield engine
    engine.close()


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot in a new workspace."""
    async with run_bot(engine) as bot:
        yield bot
