"""A database of each kind that the bot may run on."""

from collections.abc import Iterator

import pytest

from bot.store.database import Database, opened


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Open it."""
    with opened(url) as database:
        yield database
