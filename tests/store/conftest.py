"""A database of each kind that the bot may run on."""

from collections.abc import Iterator

import pytest

from bot.store.database import Database, open_database


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Open it."""
    with open_database(url) as database:
        yield database
