"""Logging of failures: ids and error codes, never text that people wrote."""

import logging
import traceback
from collections.abc import Mapping
from pathlib import Path

logger = logging.getLogger("bot.slack")


def log_failure(action: str, error: BaseException, ids: Mapping[str, object]) -> None:
    """Log that ``action`` failed, where in the code, and for which ids.

    The error's own message is left out, since libraries quote the text they fail on.
    """
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    about = " ".join(f"{name}={value}" for name, value in ids.items())
    logger.error("%s failed: %s at %s (%s)", action, type(error).__name__, where, about)
