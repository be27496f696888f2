"""A Slack bot that reads the mood of a message, and says how it knows."""
