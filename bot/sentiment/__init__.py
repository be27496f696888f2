"""Text in, sentiment out: this room has never heard of Slack, settings or a database."""
