"""The command ``report``."""

from bot.cli.report.command import app

__all__ = ["app"]
