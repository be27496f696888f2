"""Functions in place of those of the store, for tests in which the database is away."""

from collections.abc import Callable

from sqlalchemy import Connection

from bot.errors import BotError


def fail(*_: object) -> None:
    """Fail as a database that is away."""
    raise BotError("The database cannot be used (connection refused).")


def away_once(function: Callable[..., object]) -> Callable[..., object]:
    """Return a function that fails when it is called first."""
    calls = 0

    def run(connection: Connection, *arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            fail()
        return function(connection, *arguments)

    return run
