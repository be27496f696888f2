"""Connections between Slack and the bot."""
