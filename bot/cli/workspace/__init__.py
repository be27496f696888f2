"""The command ``workspace``."""

from bot.cli.workspace.command import app

__all__ = ["app"]
