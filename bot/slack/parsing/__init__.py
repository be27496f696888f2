"""Parsers of events, message content and requests."""
