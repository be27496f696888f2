"""Methods about the app itself: its installation, views, agent sessions and workflow steps."""

from slack_emulator.web_api.app import (  # noqa: F401 - importing the modules registers their methods
    agents,
    apps,
    assistant,
    blocks,
    functions,
    oauth,
    views,
)
