"""Feedback on results."""
