"""Logging of failures: ids and error codes, never text that people wrote."""

import logging
import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Timer

from bot.errors import BotError

_MAX_EQUAL = 10
_SUMMARY = "is_summary"  # an attribute of log records

logger = logging.getLogger("bot.slack")


def log_failure(action: str, error: BaseException, ids: Mapping[str, object]) -> None:
    """Log that ``action`` failed, where in the code, and for which ids.

    The message of an error is left out unless it is the bot's own, since libraries quote the text they fail on.
    """
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            log_failure(action, each, ids)
        return
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    about = " ".join(f"{name}={value}" for name, value in ids.items())
    kind = f"{type(error).__name__}: {error}" if isinstance(error, BotError) else type(error).__name__
    logger.error("%s failed: %s at %s (%s)", action, kind, where, about)


class RepetitionFilter(logging.Filter):
    """Lets the first warnings and errors of a kind pass in each minute, and logs the number of the others afterwards.

    Those that differ only in the ids in their last parentheses are of the same kind.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._lock = Lock()
        self._counts: dict[tuple[str, int, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether ``record`` is logged."""
        if record.levelno < logging.WARNING or getattr(record, _SUMMARY, False):
            return True
        kind = record.name, record.levelno, re.sub(r"\s*\([^()]*\)$", "", record.getMessage())
        with self._lock:
            if kind not in self._counts:
                timer = Timer(self._seconds, self._summarise, [kind])
                timer.daemon = True
                timer.start()
            self._counts[kind] = self._counts.get(kind, 0) + 1
            return self._counts[kind] <= _MAX_EQUAL

    def _summarise(self, kind: tuple[str, int, str]) -> None:
        with self._lock:
            hidden = self._counts.pop(kind) - _MAX_EQUAL
        if hidden > 0:
            name, level, message = kind
            summary = "%s: %d more times within %.0f s", message, hidden, self._seconds
            logging.getLogger(name).log(level, *summary, extra={_SUMMARY: True})
