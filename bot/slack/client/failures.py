"""What the log says when something fails: ids, never text."""

import logging
import traceback
from collections.abc import Mapping
from pathlib import Path

from slack_sdk.errors import SlackApiError

logger = logging.getLogger("bot.slack")


def error_code(error: SlackApiError) -> str:
    """Return Slack's code for a refusal, or the HTTP status where the answer is no JSON."""
    data = error.response.data
    code = data.get("error") if isinstance(data, dict) else None
    return str(code or f"HTTP {error.response.status_code}")


def log_failure(doing: str, error: BaseException, ids: Mapping[str, object]) -> None:
    """Log that something failed, where in the code, and about which ids.

    The error's own message stays out: libraries like to quote the text that they choked on. Of Slack's
    refusals the code is logged.
    """
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    kind = type(error).__name__ + (f" {error_code(error)}" if isinstance(error, SlackApiError) else "")
    about = " ".join(f"{name}={value}" for name, value in ids.items())
    logger.error("%s failed: %s at %s (%s)", doing, kind, where, about)
