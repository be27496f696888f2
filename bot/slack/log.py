"""Logging of failures: ids and error codes, never text that people wrote."""

import logging
import traceback
from collections.abc import Mapping
from pathlib import Path

from bot.errors import BotError

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
