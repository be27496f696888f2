"""Access to the database: SQLite by default, PostgreSQL for several processes.

All work runs on one thread with one connection. Jobs that arrive during a transaction share the next one, so that a
thousand small jobs a second need far fewer commits.
"""

import asyncio
import logging
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing, contextmanager
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
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from bot.errors import BotError, ConfigurationError, install_command
from bot.store.monitor import Monitor

IN_MEMORY = "sqlite://"
"""The URL of a database that exists until it is closed."""

_MAX_JOBS = 256  # in one transaction
_MAX_ATTEMPTS = 5  # after deadlocks
_MIGRATION_LOCK = 5_077_491  # arbitrary id of PostgreSQL's advisory lock against concurrent migrations

_LOCK_SECONDS = 9  # for a lock that somebody else holds; PostgreSQL resolves one deadlock a second
_STATEMENT_SECONDS = 10
_CLOSE_SECONDS = 5.0  # for the queued jobs when the database is closed
_ABORT_SECONDS = 2.0  # for a job that the end of the connection aborts
_POSTGRESQL_OPTIONS = {
    "connect_timeout": _LOCK_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
_UNAVAILABLE = {"53100", "53200", "53300", "55P03", "57014", "57P01", "57P02", "57P03", "58030"}
"""PostgreSQL's codes for a full disk, too little memory, too many connections, timeouts, shutdowns and I/O errors."""

_SQLITE_UNAVAILABLE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}

_logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
_Job = tuple[Callable[[Connection], Any], Future[Any]]


class Database:
    """An open database. Use :func:`open_database` or :func:`connect_database` to create one."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        self.monitor = Monitor(engine)
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._is_closed = False
        self._thread = Thread(target=self._run_jobs, name="database", daemon=True)
        self._thread.start()

    async def run(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``function(connection, …)`` in a transaction, which it may share with other jobs; return the result.

        The function may only use the connection: it is called again if another job in the transaction fails. Raises
        BotError if the database cannot be reached.
        """
        return await asyncio.wrap_future(self._submit(function, *args, **kwargs))

    def run_sync(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same as :meth:`run` without an event loop."""
        return self._submit(function, *args, **kwargs).result()

    def close(self) -> None:
        """Run the queued jobs and close the database, which takes some seconds at most even if it does not answer."""
        self._is_closed = True
        self._queue.put(None)
        self._thread.join(_CLOSE_SECONDS)
        self.monitor.stop()
        self._thread.join(_ABORT_SECONDS)

    def _submit(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        if self._is_closed:
            raise BotError("The database is closed.")
        future: Future[T] = Future()
        self._queue.put((lambda connection: function(connection, *args, **kwargs), future))
        return future

    def _run_jobs(self) -> None:
        while (first := self._queue.get()) is not None:
            jobs = [first]
            while len(jobs) < _MAX_JOBS and not self._queue.empty():
                if (job := self._queue.get()) is None:
                    self._queue.put(None)
                    break
                jobs.append(job)
            # From here on the caller cannot cancel a job any more.
            if running := [job for job in jobs if job[1].set_running_or_notify_cancel()]:
                self._run_transaction(running)
        self._engine.dispose()  # here, because SQLite's connections belong to their thread

    def _run_transaction(self, jobs: list[_Job], attempts: int = _MAX_ATTEMPTS) -> None:
        """Run jobs in one transaction, and if it fails, each in its own unless the database is not available."""
        began = False
        try:
            with self.monitor.transaction(), self._engine.begin() as connection:
                began = True
                results = [function(connection) for function, _ in jobs]
        # Any error belongs to the caller of the job; the thread continues.
        except Exception as error:
            readable = _readable_error(error)
            if not began or _is_unavailable(error):
                self.monitor.on_failure(str(readable))
                for _, future in jobs:
                    future.set_exception(readable)
            elif len(jobs) > 1:
                for job in jobs:
                    self._run_transaction([job])
            elif attempts > 1 and _is_deadlock(error):
                self._run_transaction(jobs, attempts - 1)
            else:
                jobs[0][1].set_exception(readable)
            return
        self.monitor.on_success()
        for (_, future), result in zip(jobs, results, strict=True):
            future.set_result(result)


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """Open the database at ``url``, migrate its tables, and close it after the block.

    Raises:
        ConfigurationError: the URL is invalid, or its driver is not installed.
        BotError: the database cannot be reached, or belongs to a newer version of the bot.
    """
    new_file = missing_file(url)
    with closing(Database(create_engine(url))) as database:
        database.run_sync(migrate)
        _after_migration(database, new_file)
        yield database


@asynccontextmanager
async def connect_database(url: str) -> AsyncIterator[Database]:
    """Do the same as :func:`open_database`; the migration can be cancelled, and does not block the event loop."""
    new_file = missing_file(url)
    with closing(Database(create_engine(url))) as database:
        await database.run(migrate)
        _after_migration(database, new_file)
        yield database


def _after_migration(database: Database, new_file: str | None) -> None:
    if new_file:
        _logger.info("created the database %s", new_file)
    database.monitor.start()  # not before, since a migration may take long


def missing_file(url: str) -> str | None:
    """Return the file of a SQLite database that does not exist yet; None if it does, or for another database."""
    engine = create_engine(url)
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if not file or file == ":memory:" or file.startswith("file:"):
        return None
    return None if os.path.exists(file) else file  # noqa: PTH110 - Path.exists raises an error in an unreadable folder


def create_engine(url: str, *, read_only: bool = False) -> sql.Engine:
    """Create SQLAlchemy's engine for a URL; raise ConfigurationError if it is invalid, or has no driver installed.

    If it is ``read_only``, the files of a SQLite database stay as they are.
    """
    # Many hosting providers write "postgres"; psycopg is the driver of the extra.
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    try:
        if not re.match(r"(sqlite|postgresql\+psycopg)://", url):
            raise ValueError
        options = {"timeout": _LOCK_SECONDS} if url.startswith("sqlite") else _POSTGRESQL_OPTIONS
        engine = sql.create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=options)
    except ModuleNotFoundError:
        raise ConfigurationError(f"PostgreSQL needs the extra postgres: {install_command('postgres')}") from None
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL must be the URL of SQLite or PostgreSQL, such as sqlite:///sentiment-bot.db or "
            "postgresql://user:password@host/name."
        ) from None
    if engine.dialect.name == "sqlite" and read_only:
        sql.event.listen(engine, "do_connect", _open_file_read_only)
    elif engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", _set_up_sqlite)
        # Take the write lock at once: a transaction that reads first cannot wait for it later.
        sql.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        sql.event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - see below
    """Let the server end statements that take too long, and those that wait for a lock."""
    connection.execute(f"SET statement_timeout = {_STATEMENT_SECONDS * 1000}")
    connection.execute(f"SET lock_timeout = {_LOCK_SECONDS * 1000}")
    connection.commit()


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's class, which has no common type
    """Let SQLite write without blocking readers, and leave transactions to SQLAlchemy."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # safe if the process is killed; a power failure may lose commits


def _open_file_read_only(_dialect: object, _record: object, args: list[Any], options: dict[str, Any]) -> None:
    """Change the arguments of SQLite's ``connect``. See https://sqlite.org/uri.html."""
    file = Path(args[0])
    if file.is_absolute():  # not in memory, nor a URI of its own
        # Without a log beside it nobody has the database open, and SQLite would create one.
        immutable = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
        args[0] = f"{file.as_uri()}?mode=ro{immutable}"
        options["uri"] = True


def migrate(connection: Connection, revision: str = "head") -> None:
    """Migrate the tables to a revision, in one process at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql.text("SET LOCAL statement_timeout = 0"))
        connection.execute(sql.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sql.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    context = EnvironmentContext(config, scripts)
    context.configure(connection=connection, fn=lambda current, _: scripts._upgrade_revs(revision, current))
    context.run_migrations()


def _is_unavailable(error: Exception) -> bool:
    """Return whether the database failed, rather than one of the jobs."""
    if not isinstance(error, DBAPIError):
        return False
    sqlite_code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # without its extension
    unavailable = getattr(error.orig, "sqlstate", None) in _UNAVAILABLE or sqlite_code in _SQLITE_UNAVAILABLE
    return error.connection_invalidated or unavailable


def _is_deadlock(error: Exception) -> bool:
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) == "40P01"


def _readable_error(error: Exception) -> Exception:
    """Turn a database error into one line without the values that were sent."""
    if isinstance(error, CommandError):
        return BotError("The database was made by a newer version of the bot: install that version again.")
    if isinstance(error, SQLAlchemyError):
        lines = str(error.orig).strip().splitlines() if isinstance(error, OperationalError) else []
        return BotError(f"The database cannot be used ({[*lines, type(error).__name__][0]}). Check DATABASE_URL.")
    return error
