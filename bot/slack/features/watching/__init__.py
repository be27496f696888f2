"""Watching channels."""
