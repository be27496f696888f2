"""Errors whose messages are written for people: what happened, and what to do next, in one line.

BotError                 exit code 1
├── ConfigurationError   exit code 78, as in sysexits.h: a setting, a token or a model is wrong
└── Overloaded           more texts wait than the engine takes
"""


class BotError(Exception):
    """Something the person at the terminal should read, without a traceback."""

    exit_code = 1


class ConfigurationError(BotError):
    """A setting, a token or a model that has to be mended before the bot can start."""

    exit_code = 78


class QueueFullError(BotError):
    """Too many texts wait already; the same request may go through in a moment."""
