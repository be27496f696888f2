"""The Web API: one module per family of methods, and the registry that dispatches calls.

https://docs.slack.dev/reference/methods
"""

from slack_emulator.web_api import (  # noqa: F401 - importing the modules registers their methods
    app,
    conversations,
    messages,
    users,
)
from slack_emulator.web_api.registry import METHODS, Args, call_method

__all__ = ["METHODS", "Args", "call_method"]
