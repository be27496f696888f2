"""The command ``analyze``."""

from bot.cli.analyze.command import app

__all__ = ["app"]
