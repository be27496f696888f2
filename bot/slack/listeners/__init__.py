"""One module for each kind of thing that Slack sends, each with ``register``."""
