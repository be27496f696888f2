"""Methods about messages: writing and reading them, reactions, pins and files."""

from slack_emulator.web_api.messages import (  # noqa: F401 - importing the modules registers their methods
    chat,
    files,
    history,
    pins,
    reactions,
    streams,
)
