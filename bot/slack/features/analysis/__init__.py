"""Analyzing messages."""
