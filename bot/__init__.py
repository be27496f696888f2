"""A Slack bot that classifies the sentiment of messages and explains the result."""
