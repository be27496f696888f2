"""The one place that talks to the database: SQLite as a default, PostgreSQL for more than one process.

All of it happens on one thread with one connection. Whatever waits when the last transaction ends goes into the next
one together, so that a thousand small works a second cost far fewer commits.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sql
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from bot.errors import BotError, ConfigurationError

IN_MEMORY = "sqlite://"
"""The address of a database that is gone when it is closed."""

_TOGETHER = 256  # works in one transaction at the most
_TRIES = 5  # of a work that was in the way of another process's
_MIGRATING = 5_077_491  # any number, the same for all: PostgreSQL's lock against migrating twice at once

P = ParamSpec("P")
T = TypeVar("T")
_Work = tuple[Callable[[Connection], Any], Future[Any]]


class Database:
    """An open database. Made by :func:`open_database`."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="database", daemon=True)
        self._thread.start()

    async def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do ``work(connection, …)`` in a transaction, together with others; return what it returns.

        It must do nothing but read and write through the connection: if one of the others fails it is done again.

        Raises:
            BotError: the database cannot be reached.
        """
        return await asyncio.wrap_future(self._submit(lambda connection: work(connection, *args, **kwargs)))

    def run_sync(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same as :meth:`run` where there is no event loop."""
        return self._submit(lambda connection: work(connection, *args, **kwargs)).result()

    def close(self) -> None:
        """Finish what waits, and close."""
        self._waiting.put(None)
        self._thread.join()

    def _submit(self, work: Callable[[Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return future

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            works = [first]
            while len(works) < _TOGETHER and not self._waiting.empty():
                if (more := self._waiting.get()) is None:
                    self._waiting.put(None)
                    break
                works.append(more)
            # From here on a caller that goes away cannot cancel its work any more.
            self._run_together([(work, future) for work, future in works if future.set_running_or_notify_cancel()])
        self._engine.dispose()  # here, since SQLite's connections belong to their thread

    def _run_together(self, works: list[_Work], tries: int = _TRIES) -> None:
        """Do works in one transaction; if that fails, each in one of its own."""
        try:
            with self._engine.begin() as connection:
                results = [work(connection) for work, _ in works]
        # Whatever goes wrong in a work, whoever waits for it hears of it and the thread goes on.
        except Exception as error:
            if len(works) > 1:
                for one in works:
                    self._run_together([one])
            elif tries > 1 and _was_in_the_way(error):
                self._run_together(works, tries - 1)
            else:
                works[0][1].set_exception(_told(error))
            return
        for (_, future), result in zip(works, results, strict=True):
            future.set_result(result)


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Open the database at ``url``, bring its tables up to date, and close it after the block.

    Raises:
        ConfigurationError: the address is none, or what it needs is not installed.
        BotError: the database cannot be reached, or a newer version of the bot has made it.
    """
    database = Database(create_engine(url))
    try:
        database.run_sync(migrate)
        yield database
    finally:
        database.close()


def create_engine(url: str) -> sql.Engine:
    """Make SQLAlchemy's engine for an address; raise ``ConfigurationError`` for one that is none."""
    # "postgres" is how many hosts write it; psycopg is the driver that the extra brings.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    try:
        if not re.match(r"(sqlite|postgresql\+psycopg)://", url):
            raise ValueError
        engine = sql.create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=_timeouts(url))
    except ModuleNotFoundError:
        raise ConfigurationError(
            'PostgreSQL needs the extra postgres: pip install "sentiment-bot[postgres]", '
            'or in a clone pip install -e ".[postgres]".'
        ) from None
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL must be the address of SQLite or PostgreSQL, such as sqlite:///sentiment-bot.db or "
            "postgresql://user:password@host/name."
        ) from None
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", _on_connect)
        sql.event.listen(engine, "begin", _on_begin)
    return engine


def _timeouts(url: str) -> dict[str, int]:
    return {"connect_timeout": 10} if url.startswith("postgresql") else {"timeout": 30}


def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's, which has no common type
    """Let SQLite write without stopping readers, and leave transactions to us."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing, only a machine without power may


def _on_begin(connection: Connection) -> None:
    """Lock SQLite for writing at once: a transaction that first reads could not be waited for later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the tables up to a version, one process at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    context = EnvironmentContext(config, scripts)
    context.configure(connection=connection, fn=lambda revision, _: scripts._upgrade_revs(to, revision))
    context.run_migrations()


def _was_in_the_way(error: Exception) -> bool:
    """Tell whether PostgreSQL gave up a transaction since another one waited for it and it for the other."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) == "40P01"


def _told(error: Exception) -> Exception:
    """Put what went wrong with the database in one line, without the values that were sent."""
    if isinstance(error, CommandError):
        return BotError("The database was made by a newer version of the bot: install that version again.")
    if isinstance(error, OperationalError):
        reason, *_ = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        return BotError(f"The database cannot be used ({reason}). Check DATABASE_URL.")
    if isinstance(error, SQLAlchemyError):
        return BotError(f"The database cannot be used ({type(error).__name__}). Check DATABASE_URL.")
    return error
