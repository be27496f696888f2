"""Exceptions whose messages are written for people: what happened and what to do next.

BotError                          exit code 1
├── ConfigurationError            exit code 78 (EX_CONFIG in sysexits.h): a setting, a token or a model is wrong
├── QueueFullError                too many requests are waiting
├── HistoryTooLongError           a channel has more messages than Slack lets the bot read in reasonable time
├── InstallationError             Slack does not say where the bot was installed
└── SlackError                    a call to Slack failed
    ├── SlackCallError            refused, or its outcome is unknown
    └── DeliveryError             not delivered; a later call may succeed
"""

import os
import re


class BotError(Exception):
    """An error to show at the terminal without a traceback."""

    exit_code = 1


class ConfigurationError(BotError):
    """A setting, a token or a model has to be corrected before the bot can start."""

    exit_code = 78


class QueueFullError(BotError):
    """Too many requests are waiting. The same request may succeed in a moment."""


class HistoryTooLongError(BotError):
    """Reading a channel's history would take too long; ``seconds`` is about how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Reading that history would take too long at the rate that Slack allows.")
        self.seconds = seconds


class InstallationError(BotError):
    """Slack's answer to an installation names neither a workspace nor an organization."""


class SlackError(BotError):
    """A call to Slack failed; ``code`` is Slack's error code, the HTTP status or the kind of network error."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method} failed ({code})")
        self.code = code

    @property
    def is_answer(self) -> bool:
        """Whether Slack answered with an error code of its own."""
        return re.fullmatch("[a-z0-9_]+", self.code) is not None


class SlackCallError(SlackError):
    """The call must not be repeated: Slack refused it, or the connection broke and it may have been applied."""


class DeliveryError(SlackError):
    """Slack could not be reached, or throttled every attempt. A later call may succeed.

    ``retry_after`` are the seconds for which Slack asks to wait, if it throttled the last attempt.
    """

    def __init__(self, method: str, code: str, retry_after: float = 0.0) -> None:
        super().__init__(method, code)
        self.retry_after = retry_after


def install_command(extra: str) -> str:
    """Return the command that installs an extra in a clone, since the bot is in no package index."""
    return f'.venv/bin/pip install -e ".[{extra}]"'


def port_error(port: int, error: OSError, setting: str = "PORT") -> ConfigurationError:
    """Return the error for a port that cannot be listened on, which ``setting`` names."""
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    other = port + 1 if 1024 <= port < 65535 else 3001
    return ConfigurationError(f"Port {port} cannot be used ({reason}). Try another, such as {setting}={other}.")
