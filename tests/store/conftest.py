"""An open database of each supported kind."""

from collections.abc import Iterator

import pytest

from bot.store.database import Database, open_database


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Open an empty database."""
    with open_database(url) as database:
        yield database
