"""A monitor of the connection to the database, which may stop answering without being closed."""

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from typing import Any

import sqlalchemy as sql

_SILENT_SECONDS = 12.0  # after which a connection is ended; a server that is alive ends a statement before
_SLOW_SECONDS = 6.0  # of one statement; above it the database counts as not available
_RECOVERY_SECONDS = 10.0  # without a failure, until the database counts as available again
_CHECK_SECONDS = 0.5

_logger = logging.getLogger(__name__)


class Monitor:
    """Observes the transactions of one thread, and ends its connection if the database does not answer."""

    def __init__(self, engine: sql.Engine) -> None:
        self._connection: Any = None  # of the driver, for PostgreSQL; it has no type in common with others
        self._progress_at: float | None = None  # None outside transactions
        self._failed_at: float | None = None
        self._lock = Lock()
        self._stopped = Event()
        if engine.dialect.name == "postgresql":
            sql.event.listen(engine, "connect", self._on_connect)
        sql.event.listen(engine, "before_cursor_execute", lambda *_: self._on_progress())

    @property
    def available(self) -> bool:
        """Whether the database answers, and has not failed in the last seconds."""
        failed_at = self._failed_at
        return not self._silent_for(_SLOW_SECONDS) and (
            failed_at is None or time.monotonic() - failed_at > _RECOVERY_SECONDS
        )

    def start(self) -> None:
        """End the connection from now on if the database does not answer."""
        Thread(target=self._run, name="database monitor", daemon=True).start()

    def stop(self) -> None:
        """End the connection if a transaction is running, and stop observing."""
        self._stopped.set()
        self._end_connection_if_silent(0.0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Observe the transaction inside the block."""
        self._on_progress()
        try:
            yield
        finally:
            with self._lock:
                self._progress_at = None

    def on_failure(self, reason: str) -> None:
        """Record that the database is not available, and log that unless it is known."""
        known, self._failed_at = self._failed_at is not None, time.monotonic()
        if not known:
            _logger.error("The database does not answer: %s", reason)

    def on_success(self) -> None:
        """Record that a transaction was committed."""
        if self._failed_at is not None and time.monotonic() - self._failed_at > _RECOVERY_SECONDS:
            self._failed_at = None
            _logger.info("The database answers again")

    def _on_connect(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - see above
        self._connection = connection

    def _on_progress(self) -> None:
        with self._lock:
            self._progress_at = time.monotonic()

    def _silent_for(self, seconds: float) -> bool:
        return (at := self._progress_at) is not None and time.monotonic() - at >= seconds

    def _run(self) -> None:
        while not self._stopped.wait(_CHECK_SECONDS):
            self._end_connection_if_silent(_SILENT_SECONDS)

    def _end_connection_if_silent(self, seconds: float) -> None:
        """Shut the socket down, so that the driver, which waits for it in the other thread, raises an error."""
        with self._lock:
            # The driver refuses if the connection is closed, or is not open yet.
            if self._silent_for(seconds) and self._connection is not None:
                with suppress(Exception), socket.socket(fileno=os.dup(self._connection.fileno())) as connection:
                    connection.shutdown(socket.SHUT_RDWR)
